import Foundation
import SystemdTestKit

extension ScenarioContext {
    /// The journal's entries since the scenario began.
    ///
    /// - Parameters:
    ///   - matches: As journalctl(1) takes them: `FIELD=value`, all of different fields must hold.
    ///   - unit: Only of this unit, with what systemd says about it; `*` is allowed.
    func journal(matching matches: [String] = [], unit: String? = nil) async throws -> [JournalEntry] {
        // Entries are on their way to the journal's files for a moment: --sync waits for those sent so far.
        try await command(["journalctl", "--sync"])
        var arguments = ["journalctl", "--quiet", "--no-pager", "--all", "--output=json"]
        if let cursor { arguments.append("--cursor=\(cursor)") }
        if let unit { arguments.append("--unit=\(unit)") }
        let text = try await command(arguments + matches, timeout: .seconds(60)).output
        // Not --after-cursor: with matches, journalctl 252 leaves out the first entry behind the cursor.
        return text.split(separator: "\n").compactMap { JournalEntry(json: $0) }.filter { $0["__CURSOR"] != cursor }
    }

    /// The last lines of the journal since the scenario began, for a person.
    func journalExcerpt(lines: Int = 200) async -> [String] {
        guard !journalUnits.isEmpty else { return [] }
        var arguments = ["journalctl", "--quiet", "--no-pager", "--output=short-precise"]
        if let cursor { arguments.append("--cursor=\(cursor)") }
        arguments += journalUnits.map { "--unit=\($0)" }
        _ = try? await command(["journalctl", "--sync"], checked: false)
        let text = (try? await command(arguments, checked: false))?.output ?? ""
        return Self.folded(text.split(separator: "\n")).suffix(lines).map { $0 }
    }

    /// Folds lines that repeat the one before but for their time, as an access log's do.
    private static func folded(_ lines: [Substring]) -> [String] {
        var result: [String] = []
        var last: Substring?
        var repeats = 0
        for line in lines {
            let message = line.split(separator: " ", maxSplits: 4).last
            if message == last {
                repeats += 1
            } else {
                if repeats > 0 { result.append("    … and \(repeats) more of these") }
                result.append(String(line))
                (last, repeats) = (message, 0)
            }
        }
        return repeats > 0 ? result + ["    … and \(repeats) more of these"] : result
    }

    /// Where the journal ends now.
    static func journalEnd() async -> String? {
        let command = Command(["journalctl", "--quiet", "--no-pager", "--lines=1", "--output=json"])
        guard let line = try? await command.run().output.split(separator: "\n").last else { return nil }
        return JournalEntry(json: line)?["__CURSOR"]
    }
}
