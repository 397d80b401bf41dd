import HTTPServer
import JournalLogging
import Logging
import NIOCore
import ServiceLifecycle
import Systemd

/// Serves from readiness to the last answer. How a stop works, in order:
///
/// 1. SIGTERM, SIGINT or idleness; `STOPPING=1` at once.
/// 2. The listeners are closed without losing what was already accepted; what was not waits in their queues.
/// 3. Requests in work are finished, their connections closed behind the answer; idle ones are held for a short grace.
/// 4. At most `drain_timeout` later, what is left is cut, and the journal says how much.
/// 5. `BARRIER=1`, and the process exits with 0 (see ``ServeCommand``).
struct ServingService: Service {
    let daemon: Daemon
    let listeners: [HTTPServer.Listener]

    func run() async throws {
        for listener in listeners { try await daemon.server.serve(listener) }
        let names = Set(listeners.map(\.name)).sorted().joined(separator: ", ")
        daemon.status.setPhase("Serving")
        daemon.journal.log(
            .ready,
            .notice,
            "Ready: accepting connections on \(listeners.count) listener\(listeners.count == 1 ? "" : "s") (\(names))",
            [LogField("listeners", .integer(Int64(listeners.count)))]
        )
        daemon.manager.notify(.ready, .status(daemon.status.text(daemon.server.counts)))
        try await gracefulShutdown()
        try await stop()
    }

    private func stop() async throws {
        let timeout = daemon.configuration.drainTimeout
        daemon.status.setPhase("Draining")
        let before = daemon.server.counts
        daemon.manager.notify(.stopping, .status(daemon.status.text(before)))
        daemon.journal.log(
            .stopping,
            .notice,
            "Stopping: \(before.inFlight) requests in work, \(before.connections) connections",
            [
                LogField("requests.in.work", .integer(Int64(before.inFlight))),
                LogField("connections", .integer(Int64(before.connections))),
            ]
        )
        let progress = daemon.housekeeping.scheduleRepeatedTask(
            initialDelay: .seconds(1),
            delay: .seconds(1),
            DrainProgress(daemon, before).report
        )
        defer { progress.cancel() }
        let result = try await daemon.server.drain(timeout: timeout)
        if result.cutConnections > 0 {
            daemon.journal.log(
                .drainExpired,
                .warning,
                "drain_timeout has passed: \(result.cutConnections) connections cut, \(result.cutRequests) with a "
                    + "request in work",
                [
                    LogField("connections", .integer(Int64(result.cutConnections))),
                    LogField("requests.in.work", .integer(Int64(result.cutRequests))),
                ]
            )
        }
        let after = daemon.server.counts
        daemon.journal.log(
            .stopped,
            .notice,
            "Stopped after \(after.answered) answers; \(after.answered - before.answered) of them while stopping",
            [LogField("answered", .integer(Int64(after.answered)))]
        )
    }
}

/// Asks the manager for more time for as long as a drain makes progress, and no longer.
private final class DrainProgress: Sendable {
    private let daemon: Daemon
    private let last: NIOLoopBoundBox<ServerCounts>

    init(_ daemon: Daemon, _ counts: ServerCounts) {
        self.daemon = daemon
        last = .makeBoxSendingValue(counts, eventLoop: daemon.housekeeping)
    }

    func report(_ task: RepeatedTask) {
        let counts = daemon.server.counts
        let progressed = counts.answered > last.value.answered || counts.connections < last.value.connections
        last.value = counts
        if progressed { daemon.manager.notify(.extendTimeout(.seconds(10))) }
    }
}
