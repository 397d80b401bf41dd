import NIOCore
import Synchronization

/// What the connections of one event loop share. Used on that loop only.
final class LoopContext {
    /// How often deadlines are looked at: one timer a loop instead of one a connection.
    static let sweepInterval = TimeAmount.milliseconds(250)

    let eventLoop: any EventLoop
    let executor: EventLoopTaskExecutor
    let clock: EventLoopClock
    let counters: LoopCounters
    var requestIDs = RequestIDGenerator()
    var date = DateLine()

    private(set) var isDraining = false
    /// Who keeps connections while this server stops, if anybody does.
    private(set) var keeper: (any ConnectionKeeper)?
    private var outbox = Outbox()
    private var connections: [ConnectionHandler] = []
    private var sweep: RepeatedTask?
    private var whenEmpty: [EventLoopPromise<Void>] = []

    init(eventLoop: any EventLoop, counters: LoopCounters) {
        self.eventLoop = eventLoop
        self.counters = counters
        executor = EventLoopTaskExecutor(eventLoop)
        clock = EventLoopClock(queue: SleepQueue(eventLoop: eventLoop), eventLoop: eventLoop)
    }

    // MARK: Connections

    func add(_ connection: ConnectionHandler) {
        connection.index = connections.count
        connections.append(connection)
        counters.connections.add(1)
        if connections.count > counters.peakConnections.load(ordering: .relaxed) {
            counters.peakConnections.store(connections.count, ordering: .relaxed)
        }
        if sweep == nil {
            let bound = NIOLoopBound(self, eventLoop: eventLoop)
            sweep = eventLoop.scheduleRepeatedTask(initialDelay: Self.sweepInterval, delay: Self.sweepInterval) { _ in
                bound.value.sweepDeadlines()
            }
        }
    }

    func remove(_ connection: ConnectionHandler) {
        guard let index = connection.index else { return }
        connection.index = nil
        let last = connections.removeLast()
        if last !== connection {
            connections[index] = last
            last.index = index
        }
        counters.connections.add(-1)
        if connections.isEmpty {
            sweep?.cancel()
            sweep = nil
            connections = []
            for promise in whenEmpty { promise.succeed() }
            whenEmpty = []
        }
    }

    private func sweepDeadlines() {
        let now = NIODeadline.now()
        // From the back: a connection that is closed here is replaced by one that was looked at.
        for index in connections.indices.reversed() where index < connections.count {
            connections[index].checkDeadline(at: now)
        }
    }

    // MARK: Stopping

    /// Lets every connection end with its present answer, or leave for `keeper`. The future completes when none is left.
    func drain(to keeper: (any ConnectionKeeper)?) -> EventLoopFuture<Void> {
        isDraining = true
        self.keeper = keeper
        let now = NIODeadline.now()
        for connection in connections { connection.drainBegan(at: now) }
        let promise = eventLoop.makePromise(of: Void.self)
        if connections.isEmpty { promise.succeed() } else { whenEmpty.append(promise) }
        return promise.futureResult
    }

    /// A connection waits to be handed over, at the end of this turn.
    func leaves(_ connection: ConnectionHandler) {
        guard outbox.add(connection) else { return }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.execute { bound.value.handOver() }
    }

    private func handOver() {
        var handlers: [ConnectionHandler] = []
        var connections: [OpenConnection] = []
        let now = NIODeadline.now()
        for handler in outbox.takeAll() {
            if let connection = handler.leaving() {
                handlers.append(handler)
                connections.append(connection)
            } else {
                handler.stays(at: now)
            }
        }
        let kept = keeper?.keep(connections) ?? 0
        counters.handedOver.add(kept)
        counters.notHandedOver.add(handlers.count - kept)
        for handler in handlers.prefix(kept) { handler.left() }
        for handler in handlers.dropFirst(kept) { handler.stays(at: now) }
    }

    /// Cuts the connections that are left. Returns how many had a request in work.
    func abort() -> Int {
        let left = connections
        let working = left.count(where: \.isWorking)
        for connection in left { connection.abort() }
        return working
    }
}
