import HTTPServer
import JournalLogging
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization
import Systemd

/// Serves from readiness to the last answer. How a stop works, in order:
///
/// 1. SIGTERM, SIGINT or idleness; `STOPPING=1` at once.
/// 2. The listeners are closed without losing what was already accepted; what was not waits in their queues.
/// 3. Requests in work are finished. On a restart every open connection goes into the manager's store, for the next
///    process to take up. On a stop, or without a store, it is closed behind its last answer, an idle one after a grace.
/// 4. At most `drain_timeout` later, what is left is cut, and the journal says how much.
/// 5. `BARRIER=1`, and the process exits with 0 (see ``ServeCommand``).
struct ServingService: Service {
    let daemon: Daemon
    let listeners: ChosenListeners

    func run() async throws {
        await takeUp(listeners.stored)
        let listeners = listeners.listeners
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
        await stop()
    }

    private func stop() async {
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
        let result = await daemon.server.drain(timeout: timeout, to: connectionStore(before.connections))
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
        if after.handedOver > 0 || after.notHandedOver > 0 {
            daemon.journal.log(
                after.notHandedOver == 0 ? .handedOver : .handOverFailed,
                after.notHandedOver == 0 ? .notice : .warning,
                "Handed over \(after.handedOver) open connections to the next process, closed \(after.notHandedOver)",
                [
                    LogField("connections", .integer(Int64(after.handedOver))),
                    LogField("dropped", .integer(Int64(after.notHandedOver))),
                ]
            )
        }
        daemon.journal.log(
            .stopped,
            .notice,
            "Stopped after \(after.answered) answers; \(after.answered - before.answered) of them while stopping",
            [LogField("answered", .integer(Int64(after.answered)))]
        )
    }
}

// MARK: Connections that outlive the process

extension ServingService {
    /// Serves the connections that an earlier process handed over, and takes them out of the store.
    private func takeUp(_ stored: StoredConnections) async {
        guard stored.descriptors > 0 else { return }
        let taken = await daemon.server.takeUp(stored.connections)
        daemon.manager.removeStored(ConnectionStore.name)
        if stored.connections.isEmpty, stored.problem == nil { return }
        let dropped = stored.dropped + stored.connections.count - taken
        daemon.journal.log(
            .takenUp,
            dropped == 0 && stored.problem == nil ? .notice : .warning,
            "Took up \(taken) open connections, dropped \(dropped)" + (stored.problem.map { ": \($0)" } ?? ""),
            [LogField("connections", .integer(Int64(taken))), LogField("dropped", .integer(Int64(dropped)))]
        )
    }

    /// Where open connections go, or nil if they have to be closed: by hand, on a stop or idle exit, or without a store.
    private func connectionStore(_ connections: Int) -> ConnectionStore? {
        guard listeners.areInherited, !daemon.exitsIdle.load(ordering: .relaxed),
            !PlainStop.isAsked(environment: daemon.loader.environment)
        else { return nil }
        let problem: String
        do throws(NotificationError) {
            if let store = try ConnectionStore(with: ServiceManager(), connections: connections) { return store }
            problem = "the service manager stores nothing for this unit (FileDescriptorStoreMax=)"
        } catch {
            problem = "\(error)"
        }
        if connections > 0 {
            daemon.journal.log(
                .handOverFailed,
                .warning,
                "\(connections) open connections cannot be handed over and are closed: \(problem)",
                [LogField("connections", .integer(Int64(connections)))]
            )
        }
        return nil
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
