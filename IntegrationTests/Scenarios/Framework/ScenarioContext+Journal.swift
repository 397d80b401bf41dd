import Foundation
import SystemdTestKit

extension ScenarioContext {
    /// The journal's entries since the scenario began.
    ///
    /// - Parameters:
    ///   - matches: As journalctl(1) takes them: `FIELD=value`, all of different fields must hold.
    ///   - unit: Only of this unit, with what systemd says about it; `*` is allowed.
    func journal(matching matches: [String] = [], unit: String? = nil) async throws -> [JournalEntry] {
        try await machine.journal(matching: matches, unit: unit, after: start)
    }

    /// The last lines of the journal since the scenario began, for a person.
    func journalExcerpt(lines: Int = 200) async -> [String] {
        guard !journalUnits.isEmpty else { return [] }
        var arguments = ["journalctl", "--quiet", "--no-pager", "--output=short-precise"]
        if let cursor = start?.cursor { arguments.append("--cursor=\(cursor)") }
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
}
