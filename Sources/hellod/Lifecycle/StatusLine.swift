import HTTPServer
import Synchronization

/// The line that `systemctl status` shows: live counts, and what an operator should not overlook.
final class StatusLine: Sendable {
    private struct State {
        var phase = "Starting"
        var note: String?
    }

    private let state = Mutex(State())

    /// What the daemon is at: `Serving`, `Draining`.
    func setPhase(_ phase: String) { state.withLock { $0.phase = phase } }

    /// What stays in the line until it is mended, such as a reload that failed; nil removes it.
    func setNote(_ note: String?) { state.withLock { $0.note = note } }

    func text(_ counts: ServerCounts) -> String {
        let state = state.withLock { $0 }
        let requests = Self.count(counts.inFlight, "request")
        let connections = Self.count(counts.connections, "connection")
        let line = "\(state.phase): \(requests) in work, \(connections), \(counts.answered) answered"
        return line + (counts.refused == 0 ? "" : ", \(counts.refused) refused") + (state.note.map { "; \($0)" } ?? "")
    }

    private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
