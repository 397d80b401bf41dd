import HTTPServer
import Synchronization

/// The line that `systemctl status` shows: live counts, and what an operator should not overlook.
final class StatusLine: Sendable {
    private struct State {
        var phase = "Starting"
        var note: String?
        var pauses: Set<String> = []
    }

    private let state = Mutex(State())

    /// What the daemon is at: `Serving`, `Draining`.
    func setPhase(_ phase: String) { state.withLock { $0.phase = phase } }

    /// What stays in the line until it is mended, such as a reload that failed; nil removes it.
    func setNote(_ note: String?) { state.withLock { $0.note = note } }

    /// Why no connection is accepted for now.
    func setPaused(_ isPaused: Bool, for reason: String) {
        state.withLock { state in
            if isPaused { state.pauses.insert(reason) } else { state.pauses.remove(reason) }
        }
    }

    func text(_ counts: ServerCounts) -> String {
        let state = state.withLock { $0 }
        let requests = counts.inFlight.counted("request")
        let connections = counts.connections.counted("connection")
        let line = "\(state.phase): \(requests) in work, \(connections), \(counts.answered) answered"
        let pauses =
            state.pauses.isEmpty ? "" : "; accepting no connections: \(state.pauses.sorted().joined(separator: ", "))"
        return line + (counts.refused == 0 ? "" : ", \(counts.refused) refused") + pauses
            + (state.note.map { "; \($0)" } ?? "")
    }
}
