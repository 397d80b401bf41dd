/// How far one event loop has stopped.
final class LoopStopping {
    fileprivate(set) var plan = ConnectionState.Plan.serve
    /// Whether requests that cannot travel are waited for, before all connections are handed over at once. Everybody is
    /// served meanwhile.
    fileprivate(set) var awaitsHandOver = false
    /// Whether the connections are not to be handed over after all.
    fileprivate var isTakenBack = false
    fileprivate var keeper: (any ConnectionKeeper)?
    fileprivate var outbox = Outbox()
    /// Connections that somebody keeps. They stay open here until the process ends, so that they can be taken back.
    fileprivate var left: [Connection] = []
    /// Connections that a hand-over waits for.
    fileprivate var holdingUp = 0
    fileprivate var travelWaiters: [Waiter] = []
    fileprivate var drains: [Waiter] = []

    /// Somebody who waits for something to be so, up to a deadline.
    fileprivate final class Waiter {
        private var continuation: UnsafeContinuation<Bool, Never>?

        init(_ continuation: UnsafeContinuation<Bool, Never>) { self.continuation = continuation }

        func end(isSo: Bool) {
            continuation?.resume(returning: isSo)
            continuation = nil
        }
    }
}

extension LoopContext {
    var plan: ConnectionState.Plan { stopping.plan }

    /// Whether requests that cannot travel are not begun.
    var awaitsHandOver: Bool { stopping.awaitsHandOver }

    // MARK: Before a hand-over

    /// From now on, requests that cannot travel are not begun.
    func beginHandOver() {
        if !stopping.isTakenBack { stopping.awaitsHandOver = true }
    }

    /// Returns when no connection is left of those that could not travel, or at the deadline.
    ///
    /// - Returns: whether there were some, and they are no more: others may have come meanwhile.
    static func awaitTravellers(_ context: OnLoop<LoopContext>, until deadline: MonotonicTime) async -> Bool {
        await withUnsafeContinuation { continuation in
            context.use { context, _ in context.awaitTravellers(until: deadline, continuation) }
        }
    }

    private func awaitTravellers(until deadline: MonotonicTime, _ continuation: UnsafeContinuation<Bool, Never>) {
        guard stopping.awaitsHandOver else { return continuation.resume(returning: false) }
        for connection in connections where !connection.canTravel && !connection.holdsUpHandOver {
            connection.holdsUpHandOver = true
            stopping.holdingUp += 1
        }
        guard stopping.holdingUp > 0, eventLoop.now < deadline else { return continuation.resume(returning: false) }
        let waiter = LoopStopping.Waiter(continuation)
        stopping.travelWaiters.append(waiter)
        eventLoop.schedule(at: deadline) { waiter.end(isSo: false) }
    }

    /// A connection that a hand-over waited for has come so far.
    func holdsUpNoMore() {
        stopping.holdingUp -= 1
        if stopping.holdingUp == 0 { endTravelWaiters() }
    }

    private func endTravelWaiters() {
        for waiter in stopping.travelWaiters { waiter.end(isSo: true) }
        stopping.travelWaiters = []
    }

    // MARK: Stopping

    /// Has each connection end with its next answer, and serves all as before.
    func leave() {
        if plan == .serve { change(to: .leave) }
    }

    /// Lets every connection end with its present answer, or leave for `keeper`. Returns whether none was left at
    /// `deadline`.
    static func drain(
        _ context: OnLoop<LoopContext>,
        until deadline: MonotonicTime,
        to keeper: (any ConnectionKeeper)?
    ) async -> Bool {
        await withUnsafeContinuation { continuation in
            context.use { context, _ in context.drain(until: deadline, to: keeper, continuation) }
        }
    }

    private func drain(
        until deadline: MonotonicTime,
        to keeper: (any ConnectionKeeper)?,
        _ continuation: UnsafeContinuation<Bool, Never>
    ) {
        stopping.awaitsHandOver = false
        stopping.keeper = stopping.isTakenBack ? nil : keeper
        change(to: stopping.keeper == nil ? .end : .handOver)
        let drain = LoopStopping.Waiter(continuation)
        stopping.drains.append(drain)
        endDrainsIfEmpty()
        eventLoop.schedule(at: deadline) { drain.end(isSo: false) }
    }

    private func change(to plan: ConnectionState.Plan) {
        stopping.plan = plan
        for connection in connections { connection.planned(plan) }
    }

    func endDrainsIfEmpty() {
        guard connections.isEmpty else { return }
        for drain in stopping.drains { drain.end(isSo: true) }
        stopping.drains = []
    }

    // MARK: Handing over

    /// A connection waits to be handed over, at the end of this turn.
    func leaves(_ connection: Connection) {
        guard stopping.outbox.add(connection) else { return }
        let context = OnLoop(self, eventLoop)
        eventLoop.execute { context.here.handOver() }
    }

    private func handOver() {
        // Those that were taken back meanwhile are served again.
        let leaving = stopping.outbox.takeAll().filter(\.state.isLeaving)
        let descriptions = leaving.compactMap { $0.description() }
        let kept = stopping.keeper?.keep(descriptions) ?? 0
        counters.handedOver.add(kept)
        counters.requestsHandedOver.add(descriptions.prefix(kept).count { $0.stage == .working })
        counters.notHandedOver.add(leaving.count - kept)
        for connection in leaving.prefix(kept) where takeOut(connection) { stopping.left.append(connection) }
        for connection in leaving.dropFirst(kept) { connection.comesBack() }
        endDrainsIfEmpty()
    }

    /// Hands nothing over after all: what was kept is served here again, and ended as by a stop.
    func takeBack() {
        guard !stopping.isTakenBack else { return }
        stopping.isTakenBack = true
        stopping.keeper = nil
        stopping.awaitsHandOver = false
        endTravelWaiters()
        let left = stopping.left
        stopping.left = []
        counters.handedOver.add(-left.count)
        counters.requestsHandedOver.add(-left.count(where: \.isWorking))
        for connection in left { add(connection) }
        let leaving = connections.filter(\.state.isLeaving)
        stopping.plan = .end
        for connection in leaving { connection.comesBack() }
        change(to: .end)
    }
}
