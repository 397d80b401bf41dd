import Glibc
import HTTPServer
import JournalLogging
import Logging
import ServiceSettings
import Synchronization
import Systemd

/// Serves from readiness to the last answer. A start reads the manager's store last, when nothing can fail any more. How
/// an end works, in order:
///
/// 1. SIGTERM, SIGINT or idleness: a stop. SIGUSR2: a hand-over. `STOPPING=1` at once.
/// 2. On a hand-over, requests that cannot be asked twice are waited for, and everybody is served meanwhile.
///    On a stop that somebody asked for, everybody is served for `lame_duck` more, and told to go: `/readyz` is 503, and
///    each answer the last one of its connection.
/// 3. The listeners are closed without losing what was already accepted; what was not waits in their queues.
/// 4. On a hand-over every open connection goes into the manager's store, with the request that it is at, for the next
///    process to take up. On a stop, or without a store, requests in work are finished, and each connection is closed
///    behind its last answer, an idle one after a grace.
/// 5. At most `drain_timeout` later, what is left is cut, and the journal says how much.
/// 6. A SIGTERM meanwhile turns a hand-over into a stop, also when all is handed over already.
/// 7. `BARRIER=1`, and the process exits (see ``ServeCommand``).
struct ServingService {
    let daemon: RunningDaemon
    let listeners: ChosenListeners
    let background: BackgroundRunner

    func run() async throws {
        let addresses = listeners.addresses
        for listener in listeners.listeners { try await daemon.server.serve(listener) }
        try await daemon.signals.handle(on: daemon.housekeeping, daemon.asked)
        background.start()
        await takeUp()
        ready(addresses)
        await daemon.end.isAsked()
        await stop()
    }

    private func ready(_ addresses: [String]) {
        daemon.status.setPhase("Serving")
        daemon.journal.log(
            .ready,
            .notice,
            "Ready: accepting connections on \(addresses.joined(separator: ", "))",
            [LogField("listeners", .integer(Int64(addresses.count)))]
                + addresses.map { LogField("listener.address", .string($0)) }
        )
        daemon.manager.notify(.ready, .status(daemon.status.text(daemon.server.counts)))
    }

    /// Serves the connections that an earlier process handed over, and takes them out of the store.
    private func takeUp() async {
        guard !listeners.stored.isEmpty else { return }
        step("reading what an earlier process has stored")
        let stored = listeners.stored.read()
        let taken = await daemon.server.takeUp(stored.connections)
        daemon.manager.removeStored(ConnectionStore.name)
        if stored.connections.isEmpty, stored.problem == nil { return }
        let dropped = stored.dropped + stored.connections.count - taken
        let requests = daemon.server.counts.requestsTakenUp
        daemon.journal.log(
            .takenUp,
            dropped == 0 && stored.problem == nil ? .notice : .warning,
            "Took up \(taken.counted("open connection")), \(requests) with a request in work; dropped \(dropped)"
                + (stored.problem.map { ": \($0)" } ?? ""),
            [
                LogField("connections", .integer(Int64(taken))), LogField("requests", .integer(Int64(requests))),
                LogField("dropped", .integer(Int64(dropped))),
            ]
        )
        daemon.metrics?.notTakenUp(dropped)
    }

    // MARK: Stopping

    private func stop() async {
        let isHandOver = daemon.stopKind == .handingOver
        await leave()
        let before = daemon.server.counts
        daemon.status.setPhase(isHandOver ? "Handing over" : "Draining")
        daemon.manager.notify(.stopping, .status(daemon.status.text(before)))
        daemon.journal.log(
            .stopping,
            .notice,
            "\(isHandOver ? "Handing over" : "Stopping"): \(before.inFlight.counted("request")) in work, "
                + before.connections.counted("connection"),
            [
                LogField("requests.in.work", .integer(Int64(before.inFlight))),
                LogField("connections", .integer(Int64(before.connections))),
            ]
        )
        // From here on nothing is kept back.
        daemon.spares.giveUp()
        let last = Mutex(before)
        let progress = daemon.housekeeping.tick(every: .seconds(1)) { [daemon] in daemon.reportProgress(since: last) }
        defer { progress.cancel() }

        let deadline = ContinuousClock.now + daemon.configuration.drainTimeout
        let store = isHandOver ? connectionStore(before.connections) : nil
        if let store {
            step("the manager keeps \(store.pairCount.counted("socket pair")); waiting for what cannot travel")
        }
        let result = await daemon.server.drain(timeout: daemon.configuration.drainTimeout, to: store)
        step("the listeners are closed, and \(daemon.server.counts.connections.counted("connection")) left")
        await background.end()
        if let store { logHandOver(store, since: before) }
        logEnd(result, since: before)
        daemon.sayFarewell()
        guard isHandOver else { return }
        // A signal that came meanwhile waits for a turn of this loop. From here to the exit is next to nothing.
        daemon.signals.read(daemon.asked)
        let isLost = store.map { !$0.isKept } ?? false
        // Where some of it failed at once, that has been told.
        if isLost, daemon.server.counts.notHandedOver == 0 { tellLost() }
        guard isLost || daemon.stopKind == .stopping else { return }
        await daemon.takeBack()
        logEnd(await daemon.server.drain(timeout: max(.zero, deadline - .now)), since: before)
        daemon.sayFarewell()
    }

    /// Lets load balancers notice before a listener closes.
    private func leave() async {
        let time = daemon.configuration.lameDuck
        guard daemon.announcesStop, time > .zero else { return }
        daemon.status.setPhase("Leaving")
        daemon.manager.notify(.stopping, .status(daemon.statusText))
        daemon.journal.log(
            .leaving,
            .notice,
            "Leaving: answering for \(time.settingText) more (lame_duck), with /readyz 503 and each connection told to close",
            [LogField("lame.duck.usec", .integer(time.microseconds))]
        )
        await daemon.server.leave(for: time)
    }

    /// For who looks for a fault.
    private func step(_ message: String) { daemon.journal.log(.handOverStep, .debug, "Hand-over: \(message)") }

    private func logEnd(_ result: HTTPServer.DrainResult, since before: ServerCounts) {
        if result.cutConnections > 0 {
            daemon.journal.log(
                .drainExpired,
                .warning,
                "drain_timeout has passed: \(result.cutConnections.counted("connection")) cut, \(result.cutRequests) "
                    + "with a request in work",
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
            "Stopped after \(after.answered.counted("answer")); \(after.answered - before.answered) of them while "
                + "stopping",
            [LogField("answered", .integer(Int64(after.answered)))]
        )
    }

    private func logHandOver(_ store: ConnectionStore, since before: ServerCounts) {
        let counts = daemon.server.counts
        guard counts.handedOver > 0 || counts.notHandedOver > 0 else { return }
        let reasons = store.refusals.map { "\(String(cString: strerror($0))): \($1)" }.sorted()
        daemon.journal.log(
            counts.notHandedOver == 0 ? .handedOver : .handOverFailed,
            counts.notHandedOver == 0 ? .notice : .warning,
            "Handed over \(counts.handedOver.counted("open connection")), \(counts.requestsHandedOver) with a request "
                + "in work, to the next process; finished \(counts.answered - before.answered), closed "
                + "\(counts.notHandedOver)" + (reasons.isEmpty ? "" : " (\(reasons.joined(separator: ", ")))"),
            [
                LogField("connections", .integer(Int64(counts.handedOver))),
                LogField("requests", .integer(Int64(counts.requestsHandedOver))),
                LogField("finished", .integer(Int64(counts.answered - before.answered))),
                LogField("dropped", .integer(Int64(counts.notHandedOver))),
            ]
        )
    }

    private func tellLost() {
        let connections = daemon.server.counts.handedOver
        daemon.journal.log(
            .handOverFailed,
            .warning,
            "\(connections.counted("open connection")) cannot be handed over and are closed: the service manager has let go "
                + "of what it was to store (FileDescriptorStoreMax=)",
            [LogField("connections", .integer(Int64(connections)))]
        )
    }

    /// Where open connections go, or nil if they have to be closed: by hand, or without a store.
    private func connectionStore(_ connections: Int) -> ConnectionStore? {
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
                "\(connections.counted("open connection")) cannot be handed over and are closed: \(problem)",
                [LogField("connections", .integer(Int64(connections)))]
            )
        }
        return nil
    }
}

extension RunningDaemon {
    /// Ends here what was to be handed over, or has been: nobody will come for it.
    func takeBack() async {
        // Whoever asks waits until all are back, and it is told once.
        if !takesBack.exchange(true, ordering: .relaxed) {
            journal.log(
                .handOverTakenBack,
                .notice,
                "Stopping instead of handing over: \(server.counts.handedOver.counted("open connection")) taken back",
                [LogField("connections", .integer(Int64(server.counts.handedOver)))]
            )
            status.setPhase("Draining")
        }
        await server.takeBack()
        manager.removeStored(ConnectionStore.name)
    }

    /// Says what is still to be said, and waits until the log and the manager have it.
    fileprivate func sayFarewell() {
        application.stopped()
        journal.pipeline.flush(within: .seconds(1))
        // It stays in what `systemctl status` shows of a service that is dead.
        status.setPhase("Stopped")
        manager.notify(status: statusText)
        manager.barrier()
    }

    /// Asks the manager for more time for as long as a drain makes progress, and no longer.
    fileprivate func reportProgress(since last: borrowing Mutex<ServerCounts>) {
        let counts = server.counts
        let progressed = last.withLock { last in
            defer { last = counts }
            return counts.answered > last.answered || counts.connections < last.connections
        }
        if progressed { manager.notify(.extendTimeout(.seconds(10))) }
    }
}

extension Int {
    /// `1 request`, `2 requests`.
    func counted(_ noun: String) -> String { "\(self) \(noun)\(self == 1 ? "" : "s")" }
}
