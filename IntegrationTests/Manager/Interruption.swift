import Dispatch
import Glibc
import Synchronization

/// A signal that ended the run before its time.
package struct Interruption: Error {
    package let signal: Int32

    private static let received = Mutex<Int32?>(nil)

    /// Runs something that SIGINT, SIGTERM and SIGHUP cancel. A second signal ends the process at once: what it started
    /// is taken down by those that watch it.
    package static func run<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async -> Result<
        Value, any Error
    > {
        // A reader that goes away is an error like another.
        _ = Glibc.signal(SIGPIPE, SIG_IGN)
        let task = Task { try await body() }
        let sources = [SIGINT, SIGTERM, SIGHUP].map { number in
            _ = Glibc.signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                let isSecond = received.withLock { first in
                    defer { first = first ?? number }
                    return first != nil
                }
                if isSecond { _exit(128 + number) }
                task.cancel()
            }
            source.resume()
            return source
        }
        let result = await task.result
        for source in sources { source.cancel() }
        if case .failure = result, let number = received.withLock({ $0 }) {
            return .failure(Interruption(signal: number))
        }
        return result
    }
}
