import DequeModule
import Synchronization

/// What the connections of one event loop share. Used on that loop only.
final class LoopContext {
    /// How often deadlines are looked at: one timer a loop instead of one a connection.
    static let sweepInterval = Duration.milliseconds(250)
    /// Connections that are looked at in one turn, and those among them whose deadline has passed: what ends many at once
    /// does not hold up the others.
    static let looksPerTurn = 4096
    static let expiriesPerTurn = 64
    /// Connections that go on in one turn with what they have pipelined.
    static let continuationsPerTurn = 32

    let eventLoop: EpollLoop
    let clock: LoopClock
    let counters: LoopCounters
    let unread: UnreadBudget
    let work: WorkBudget
    let content: ContentBudget
    var requestIDs = RequestIDGenerator()
    let stopping = LoopStopping()

    private(set) var connections: [Connection] = []
    private var waiting = Deque<Connection>()
    private var sweepIsDue = false
    private var dateLine = DateLine()

    init(
        eventLoop: EpollLoop,
        counters: LoopCounters,
        unread: UnreadBudget,
        work: WorkBudget = WorkBudget(),
        content: ContentBudget = ContentBudget()
    ) {
        self.work = work
        self.content = content
        self.eventLoop = eventLoop
        self.counters = counters
        self.unread = unread
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
        guard takeOut(connection) else { return }
        connection.origin.budget.closed()
        endDrainsIfEmpty()
    }

    /// Returns whether it was in.
    func takeOut(_ connection: Connection) -> Bool {
        guard let index = connection.index else { return false }
        connection.index = nil
        let last = connections.removeLast()
        if last !== connection {
            connections[index] = last
            last.index = index
        }
        counters.connections.add(-1)
        if connections.isEmpty { connections = [] }
        return true
    }

    // MARK: Deadlines

    private func scheduleSweep() {
        sweepIsDue = true
        eventLoop.schedule(at: eventLoop.now + Self.sweepInterval) { self.sweep(from: self.connections.count) }
    }

    /// Looks at the connections before `end`, from the back: one that is closed is replaced by one that was looked at.
    private func sweep(from end: Int) {
        let now = eventLoop.now
        var index = min(end, connections.count)
        let last = max(0, index - Self.looksPerTurn)
        var expired = 0
        while index > last, expired < Self.expiriesPerTurn {
            index -= 1
            if index < connections.count, connections[index].checkDeadline(at: now) { expired += 1 }
        }
        if index > 0 {
            eventLoop.putOff { [index] in self.sweep(from: index) }
        } else if connections.isEmpty {
            sweepIsDue = false
        } else {
            scheduleSweep()
        }
    }

    // MARK: Turns

    /// A connection has more to process than it may in this turn.
    func awaitsTurn(_ connection: Connection) {
        waiting.append(connection)
        if waiting.count == 1 { eventLoop.putOff { self.continueSome() } }
    }

    private func continueSome() {
        for _ in 0..<min(waiting.count, Self.continuationsPerTurn) {
            let connection = waiting.removeFirst()
            connection.awaitsTurn = false
            connection.processHeld()
        }
        if waiting.isEmpty { waiting = [] } else { eventLoop.putOff { self.continueSome() } }
    }

    /// Cuts the connections that are left. Returns how many there were, and how many of them had a request in work.
    func abort() -> (connections: Int, requests: Int) {
        let left = connections.filter { !$0.state.isLeaving }
        let working = left.count(where: \.isWorking)
        for connection in left { connection.close(.cut) }
        return (left.count, working)
    }
}
