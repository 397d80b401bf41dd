public import HTTPServer
import Synchronization

/// A clock on which no time passes: whoever waits goes on at once.
public final class InstantClock: RequestClock {
    private let noted = Mutex<[Duration]>([])

    /// Creates a clock that nobody has asked yet.
    public init() {}

    /// How long those who waited wanted to wait, in their order.
    public var waits: [Duration] { noted.withLock { $0 } }

    /// Notes it, and returns at once.
    public func sleep(for duration: Duration) async throws { noted.withLock { $0.append(duration) } }
}
