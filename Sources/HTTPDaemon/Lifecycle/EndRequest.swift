import Synchronization

/// Wakes whoever waits for the process to be asked to end.
///
/// In place of swift-service-lifecycle's group, which starts tasks on the concurrency pool when a shutdown begins: where no
/// thread is to be had for it by then, the process would never end.
final class EndRequest: Sendable {
    private enum State {
        case none
        case asked
        case awaited(UnsafeContinuation<Void, Never>)
    }

    private let state = Mutex(State.none)

    /// Asks; more than once is as good as once.
    func ask() {
        let waiting = state.withLock { state -> UnsafeContinuation<Void, Never>? in
            defer { state = .asked }
            if case .awaited(let continuation) = state { return continuation }
            return nil
        }
        waiting?.resume()
    }

    /// Returns once it was asked. One may wait.
    func isAsked() async {
        await withUnsafeContinuation { continuation in
            let isAsked = state.withLock { state in
                if case .asked = state { return true }
                state = .awaited(continuation)
                return false
            }
            if isAsked { continuation.resume() }
        }
    }
}
