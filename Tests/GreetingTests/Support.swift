import HTTPTypes
import Synchronization

@testable import Greeting
@testable import HTTPServer

/// A clock whose sleepers sleep until they are cancelled, or until the test says that some time has passed.
final class HeldClock: RequestClock {
    private struct Sleeper {
        var duration: Duration
        var wake: AsyncStream<Void>.Continuation
    }

    private let sleepers = Mutex<[Sleeper]>([])

    /// How long those who sleep, or slept, asked for.
    var asked: [Duration] { sleepers.withLock { $0.map(\.duration) } }

    func sleep(for duration: Duration) async throws {
        let (stream, wake) = AsyncStream.makeStream(of: Void.self)
        sleepers.withLock { $0.append(Sleeper(duration: duration, wake: wake)) }
        // Ends when the task is cancelled.
        for await _ in stream { return }
        try Task.checkCancellation()
    }

    /// Wakes those who asked for no more than this.
    func pass(_ duration: Duration) {
        for sleeper in sleepers.withLock({ $0 }) where sleeper.duration <= duration { sleeper.wake.yield() }
    }
}

/// A clock on which no time passes, and which notes what it was asked.
final class InstantClock: RequestClock {
    private let noted = Mutex<[Duration]>([])

    var waits: [Duration] { noted.withLock { $0 } }

    func sleep(for duration: Duration) async throws { noted.withLock { $0.append(duration) } }
}

/// A request as the server would give it.
func request(
    _ line: String,
    fields: String = "",
    clock: any RequestClock = InstantClock(),
    listener: String = "http"
) throws -> Request {
    var parser = RequestParser(limits: RequestLimits())
    let octets = Array("\(line) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n".utf8)
    guard case .head(let head) = try parser.next(octets.span).step else { throw CancellationError() }
    return Request(head: head, id: .caller("mine"), listener: listener, clock: clock, isDraining: false)
}

extension Response {
    var text: String { String(decoding: body, as: UTF8.self) }
}
