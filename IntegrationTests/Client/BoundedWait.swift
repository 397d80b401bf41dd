import Synchronization

/// A wait that ends once, whoever ends it first: the event, the clock, or the task's cancellation.
final class BoundedWait<Value: Sendable>: Sendable {
    private enum State: Sendable {
        case open
        case waiting(CheckedContinuation<Result<Value, RawConnectionError>, Never>)
        case ended(Result<Value, RawConnectionError>)
        case over
    }

    private let state = Mutex(State.open)

    /// Ends the wait, unless it has ended.
    func end(_ result: Result<Value, RawConnectionError>) {
        let continuation: CheckedContinuation<Result<Value, RawConnectionError>, Never>? = state.withLock { state in
            switch state {
            case .open:
                state = .ended(result)
                return nil
            case .waiting(let continuation):
                state = .over
                return continuation
            case .ended, .over:
                return nil
            }
        }
        continuation?.resume(returning: result)
    }

    /// Whether it has ended.
    var hasEnded: Bool {
        state.withLock { state in
            switch state {
            case .open, .waiting: false
            case .ended, .over: true
            }
        }
    }

    /// Waits for the end.
    func value() async throws(RawConnectionError) -> Value {
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ended: Result<Value, RawConnectionError>? = state.withLock { state in
                    switch state {
                    case .ended(let result):
                        state = .over
                        return result
                    case .open, .waiting, .over:
                        state = .waiting(continuation)
                        return nil
                    }
                }
                if let ended { continuation.resume(returning: ended) }
            }
        } onCancel: {
            end(.failure(RawConnectionError(.cancelled, "the task was cancelled")))
        }
        return try result.get()
    }
}
