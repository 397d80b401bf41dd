import Synchronization

/// Lets so many calls go on at once, and the others wait in the order in which they came.
final class CallPlaces: Sendable {
    private struct State {
        var taken = 0
        var nextTicket = 0
        var waiting: [(ticket: Int, continuation: CheckedContinuation<Void, any Error>)] = []
        /// Those that were cancelled before they began to wait.
        var cancelled: Set<Int> = []
    }

    private let state = Mutex(State())

    /// Calls that go on, and calls that wait.
    var counts: (taken: Int, waiting: Int) { state.withLock { ($0.taken, $0.waiting.count) } }

    /// Runs `body` once there is a place among `limit`.
    ///
    /// - Throws: `CancellationError` if the task is cancelled while it waits, or what `body` throws.
    func withPlace<Value: Sendable>(of limit: Int, _ body: () async throws -> Value) async throws -> Value {
        try await take(of: limit)
        defer { leave() }
        return try await body()
    }

    private func take(of limit: Int) async throws {
        let ticket: Int? = state.withLock { state in
            if state.taken < limit {
                state.taken += 1
                return nil
            }
            state.nextTicket += 1
            return state.nextTicket
        }
        guard let ticket else { return }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result: Result<Void, any Error>? = state.withLock { state in
                    if state.cancelled.remove(ticket) != nil { return .failure(CancellationError()) }
                    // A place may have become free since it was asked for.
                    if state.taken < limit {
                        state.taken += 1
                        return .success(())
                    }
                    state.waiting.append((ticket, continuation))
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> CheckedContinuation<Void, any Error>? in
                guard let index = state.waiting.firstIndex(where: { $0.ticket == ticket }) else {
                    state.cancelled.insert(ticket)
                    return nil
                }
                return state.waiting.remove(at: index).continuation
            }
            waiter?.resume(throwing: CancellationError())
        }
        // A cancellation that came after the place was given leaves its mark behind.
        state.withLock { _ = $0.cancelled.remove(ticket) }
    }

    /// Hands the place to the one that waits longest.
    private func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            if state.waiting.isEmpty {
                state.taken -= 1
                return nil
            }
            return state.waiting.removeFirst().continuation
        }
        next?.resume()
    }
}
