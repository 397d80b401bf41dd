import Synchronization

/// What one event loop counts. One thread writes, any thread reads: plain stores instead of locked additions.
final class LoopCounters: Sendable {
    let connections = Counter()
    let inFlight = Counter()
    let answered = Counter()
    let refused = Counter()
    let accepted = Counter()
    let failed = Counter()
    let handedOver = Counter()
    let requestsHandedOver = Counter()
    let notHandedOver = Counter()
    let takenUp = Counter()
    let requestsTakenUp = Counter()
    /// The most connections that were open at once since somebody asked.
    let peakConnections = Atomic<Int>(0)

    /// A number that only one thread changes.
    struct Counter: ~Copyable, Sendable {
        private let value = Atomic<Int>(0)

        var current: Int { value.load(ordering: .relaxed) }

        func add(_ amount: Int) {
            value.store(value.load(ordering: .relaxed) &+ amount, ordering: .relaxed)
        }
    }
}

/// A server's live counts at one moment.
public struct ServerCounts: Sendable, Equatable {
    /// Connections that are open.
    public var connections = 0
    /// Requests that are with their responders.
    public var inFlight = 0
    /// Connections accepted so far.
    public var accepted = 0
    /// Requests answered by responders so far.
    public var answered = 0
    /// Requests refused before a responder saw them, so far.
    public var refused = 0
    /// Responders that failed, so far.
    public var failed = 0
    /// Connections handed over to whoever keeps them while the server stops.
    public var handedOver = 0
    /// Those among them with a request in work.
    public var requestsHandedOver = 0
    /// Connections that were to be handed over, and that nobody kept.
    public var notHandedOver = 0
    /// Connections taken up from whoever kept them.
    public var takenUp = 0
    /// Those among them with a request in work.
    public var requestsTakenUp = 0

    init(_ loops: [LoopCounters]) {
        for loop in loops {
            connections += loop.connections.current
            inFlight += loop.inFlight.current
            accepted += loop.accepted.current
            answered += loop.answered.current
            refused += loop.refused.current
            failed += loop.failed.current
            handedOver += loop.handedOver.current
            requestsHandedOver += loop.requestsHandedOver.current
            notHandedOver += loop.notHandedOver.current
            takenUp += loop.takenUp.current
            requestsTakenUp += loop.requestsTakenUp.current
        }
    }
}
