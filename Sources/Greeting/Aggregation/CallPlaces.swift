import Synchronization

/// Lets so many calls go on at once, so many others wait in the order in which they came, and turns away what is beyond.
final class CallPlaces: Sendable {
    private typealias Waiter = CheckedContinuation<Void, any Error>

    private struct State {
        /// Calls that may go on at once.
        var places: Int
        /// Calls that may wait for a place.
        var waitingPlaces: Int
        /// Calls that were let in and have not ended.
        var admitted = 0
        var taken = 0
        var queue = WaitingLine<Waiter>()
        var nextTicket = 0
        /// Those that were cancelled before they began to wait.
        var cancelled: Set<Int> = []

        /// Gives free places to those who wait longest.
        mutating func call() -> [Waiter] {
            var called: [Waiter] = []
            while taken < places, let waiter = queue.removeFirst() {
                called.append(waiter)
                taken += 1
            }
            return called
        }
    }

    private let state: Mutex<State>

    /// Creates places.
    ///
    /// - Parameters:
    ///   - places: Calls that may go on at once.
    ///   - waiting: Calls that may wait for a place.
    init(_ places: Int, waiting: Int) {
        state = Mutex(State(places: places, waitingPlaces: waiting))
    }

    /// Calls that go on, and calls that wait.
    var counts: (taken: Int, waiting: Int) { state.withLock { ($0.taken, $0.queue.count) } }

    /// Changes how many there are. Where there are more, those who wait are called in their order; where there are fewer,
    /// nobody is sent away.
    func resize(_ places: Int, waiting: Int) {
        let called = state.withLock { state in
            (state.places, state.waitingPlaces) = (places, waiting)
            return state.call()
        }
        for waiter in called { waiter.resume() }
    }

    /// Lets so many calls in together, or none of them where they do not fit; alone they always do.
    func admit(_ calls: Int) -> Bool {
        state.withLock { state in
            guard state.admitted == 0 || state.admitted + calls <= state.places + state.waitingPlaces else {
                return false
            }
            state.admitted += calls
            return true
        }
    }

    /// Calls that were let in have ended.
    func dismiss(_ calls: Int) { state.withLock { $0.admitted -= calls } }

    /// Runs `body` once there is a place.
    ///
    /// - Throws: `CancellationError` if the task is cancelled while it waits, or what `body` throws.
    func withPlace<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        try await take()
        defer { leave() }
        return try await body()
    }

    private func take() async throws {
        let ticket: Int? = state.withLock { state in
            if state.taken < state.places, state.queue.count == 0 {
                state.taken += 1
                return nil
            }
            defer { state.nextTicket += 1 }
            return state.nextTicket
        }
        guard let ticket else { return }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isCancelled = state.withLock { state in
                    if state.cancelled.remove(ticket) != nil { return true }
                    state.queue.append(continuation, ticket)
                    return false
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
                // A place may have become free since it was asked for.
                callNext()
            }
        } onCancel: {
            let waiter = state.withLock { state in
                let waiter = state.queue.remove(ticket)
                if waiter == nil { state.cancelled.insert(ticket) }
                return waiter
            }
            waiter?.resume(throwing: CancellationError())
        }
        // A cancellation that came after the place was given leaves its mark behind.
        state.withLock { _ = $0.cancelled.remove(ticket) }
    }

    private func leave() {
        state.withLock { $0.taken -= 1 }
        callNext()
    }

    private func callNext() {
        for waiter in state.withLock({ $0.call() }) { waiter.resume() }
    }
}

/// A queue that can be left from anywhere: to come, to be called and to leave cost the same however many wait.
struct WaitingLine<Element> {
    private struct Place {
        var element: Element
        var previous: Int?
        var next: Int?
    }

    private var places: [Int: Place] = [:]
    private var first: Int?
    private var last: Int?

    /// How many wait.
    var count: Int { places.count }

    /// Comes last, with a ticket that nobody else has.
    mutating func append(_ element: Element, _ ticket: Int) {
        places[ticket] = Place(element: element, previous: last)
        if let last { places[last]?.next = ticket } else { first = ticket }
        last = ticket
    }

    /// Takes out who has waited longest.
    mutating func removeFirst() -> Element? { first.flatMap { remove($0) } }

    /// Takes out whoever has this ticket.
    mutating func remove(_ ticket: Int) -> Element? {
        guard let place = places.removeValue(forKey: ticket) else { return nil }
        if let previous = place.previous { places[previous]?.next = place.next } else { first = place.next }
        if let next = place.next { places[next]?.previous = place.previous } else { last = place.previous }
        return place.element
    }
}
