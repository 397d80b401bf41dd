import NIOCore
import Synchronization

/// What the connections of one event loop share. Used on that loop only.
final class LoopContext {
    /// How often deadlines are looked at: one timer a loop instead of one a connection.
    static let sweepInterval = TimeAmount.milliseconds(250)

    let eventLoop: EpollLoop
    let clock: LoopClock
    let counters: LoopCounters
    var requestIDs = RequestIDGenerator()

    private(set) var isDraining = false
    /// Who keeps connections while this server stops, if anybody does.
    private(set) var keeper: (any ConnectionKeeper)?
    private var outbox = Outbox()
    private var connections: [Connection] = []
    private let budget: ConnectionBudget
    private var sweepIsDue = false
    private var drains: [Drain] = []
    private var dateLine = DateLine()

    init(eventLoop: EpollLoop, counters: LoopCounters, budget: ConnectionBudget) {
        self.eventLoop = eventLoop
        self.counters = counters
        self.budget = budget
        clock = LoopClock(eventLoop)
    }

    /// The `Date` field line of now.
    var date: [UInt8] { dateLine.current() }

    // MARK: Connections

    func add(_ connection: Connection) {
        connection.index = connections.count
        connections.append(connection)
        counters.connections.add(1)
        if connections.count > counters.peakConnections.load(ordering: .relaxed) {
            counters.peakConnections.store(connections.count, ordering: .relaxed)
        }
        if !sweepIsDue { scheduleSweep() }
    }

    func remove(_ connection: Connection) {
        guard let index = connection.index else { return }
        connection.index = nil
        let last = connections.removeLast()
        if last !== connection {
            connections[index] = last
            last.index = index
        }
        counters.connections.add(-1)
        budget.closed()
        if connections.isEmpty {
            connections = []
            endDrains()
        }
    }

    private func scheduleSweep() {
        sweepIsDue = true
        eventLoop.schedule(at: eventLoop.now + Self.sweepInterval) { self.sweepDeadlines() }
    }

    private func sweepDeadlines() {
        sweepIsDue = false
        let now = eventLoop.now
        // From the back: a connection that is closed here is replaced by one that was looked at.
        for index in connections.indices.reversed() where index < connections.count {
            connections[index].checkDeadline(at: now)
        }
        if !connections.isEmpty { scheduleSweep() }
    }

    // MARK: Stopping

    /// Lets every connection end with its present answer, or leave for `keeper`. Returns whether none was left at
    /// `deadline`.
    static func drain(
        _ context: OnLoop<LoopContext>,
        until deadline: NIODeadline,
        to keeper: (any ConnectionKeeper)?
    ) async -> Bool {
        await withUnsafeContinuation { continuation in
            context.use { context, _ in context.drain(until: deadline, to: keeper, continuation) }
        }
    }

    private func drain(
        until deadline: NIODeadline,
        to keeper: (any ConnectionKeeper)?,
        _ continuation: UnsafeContinuation<Bool, Never>
    ) {
        isDraining = true
        self.keeper = keeper
        let drain = Drain(continuation)
        drains.append(drain)
        for connection in connections { connection.drainBegan(at: eventLoop.now) }
        if connections.isEmpty { endDrains() }
        eventLoop.schedule(at: deadline) { drain.end(isEmpty: false) }
    }

    private func endDrains() {
        for drain in drains { drain.end(isEmpty: true) }
        drains = []
    }

    /// Somebody who waits for the last connection.
    private final class Drain {
        private var continuation: UnsafeContinuation<Bool, Never>?

        init(_ continuation: UnsafeContinuation<Bool, Never>) { self.continuation = continuation }

        func end(isEmpty: Bool) {
            continuation?.resume(returning: isEmpty)
            continuation = nil
        }
    }

    /// A connection waits to be handed over, at the end of this turn.
    func leaves(_ connection: Connection) {
        guard outbox.add(connection) else { return }
        let context = OnLoop(self, eventLoop)
        eventLoop.execute { context.here.handOver() }
    }

    private func handOver() {
        var leaving: [Connection] = []
        var descriptions: [OpenConnection] = []
        let now = eventLoop.now
        for connection in outbox.takeAll() {
            // Those that have ended meanwhile have nothing to hand over.
            guard let description = connection.leaving() else { continue }
            leaving.append(connection)
            descriptions.append(description)
        }
        let kept = keeper?.keep(descriptions) ?? 0
        counters.handedOver.add(kept)
        counters.notHandedOver.add(leaving.count - kept)
        // Whoever keeps them has descriptors of its own by now.
        for connection in leaving.prefix(kept) { connection.close() }
        for connection in leaving.dropFirst(kept) { connection.stays(at: now) }
    }

    /// Cuts the connections that are left. Returns how many had a request in work.
    func abort() -> Int {
        let left = connections
        let working = left.count(where: \.isWorking)
        for connection in left { connection.close() }
        return working
    }
}
