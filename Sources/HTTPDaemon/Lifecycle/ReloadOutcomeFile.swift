import Glibc

/// How the command `reload` learns what became of the reload that it asked for: a small file in the runtime directory.
///
/// It counts the reloads begun and ended. Whoever reads the first number, sends SIGHUP, and then sees the second one
/// pass what it read, knows that a reload has ended which began after it asked.
struct ReloadOutcome: Equatable {
    var begun = 0
    var ended = 0
    /// What is wrong with the configuration, a line each; empty after a good reload.
    var problems = ""

    init() {}

    /// Reads the file's text: the two numbers on one line, the problems below.
    init?(_ text: String) {
        let parts = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = parts.first.map { $0.split(separator: " ").compactMap { Int($0) } } ?? []
        guard numbers.count == 2 else { return nil }
        begun = numbers[0]
        ended = numbers[1]
        problems = parts.count > 1 ? String(parts[1]) : ""
    }

    var text: String { "\(begun) \(ended)\n\(problems)" }
}

/// Where the outcome is kept. Used by one task only.
final class ReloadOutcomeFile: Sendable {
    /// More than the problems of any configuration: these are bounded in number and in length.
    private static let longestRead = 65536

    private let path: String

    /// The file in `RUNTIME_DIRECTORY` (systemd.exec(5)), or nil where there is no such directory.
    init?(environment: [String: String]) {
        guard let directory = environment["RUNTIME_DIRECTORY"]?.split(separator: ":").first else { return nil }
        path = "\(directory)/reload"
    }

    func begin() {
        var outcome = read() ?? ReloadOutcome()
        outcome.begun += 1
        write(outcome)
    }

    func end(_ failure: String?) {
        var outcome = read() ?? ReloadOutcome()
        outcome.ended = outcome.begun
        outcome.problems = failure ?? ""
        write(outcome)
    }

    func read() -> ReloadOutcome? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var octets = [UInt8](repeating: 0, count: Self.longestRead)
        let count = fread(&octets, 1, octets.count, file)
        return ReloadOutcome(String(decoding: octets.prefix(count), as: UTF8.self))
    }

    /// Written aside and renamed, so that no reader sees half of it. Without the file a reload works all the same.
    private func write(_ outcome: ReloadOutcome) {
        let temporary = "\(path).new"
        guard let file = fopen(temporary, "we") else { return }
        fputs(outcome.text, file)
        if fclose(file) == 0 { rename(temporary, path) }
    }
}
