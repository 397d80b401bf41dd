import CSystemd
import Glibc
import Synchronization

/// The service manager that supervises this process, as one talks to it (sd_notify(3)).
///
/// It has no state of its own: it is where `NOTIFY_SOCKET` says. The variable must not change while threads run.
///
/// sd_notify(3) blocks for as long as the manager does not read, once its queue is full (which is short, and shared by
/// all services). Here the queue is looked at first, and a call gives up after the time it was given. What is left of
/// that risk is another process that takes the last place between the look and the send, some microseconds later.
///
/// The calls are not asynchronous: they take some 30 µs of CPU time when the manager reads, and hold their thread for up
/// to the given time when it does not, so they do not belong on an event loop.
public struct ServiceManager: Sendable {
    /// How long a notification waits for room in the manager's queue.
    public let timeout: Duration

    /// The bytes of one message that systemd reads (`NOTIFY_BUFFER_MAX`, which is `PIPE_BUF`).
    static let longestMessage = 4096

    /// Makes looking for room and sending one step among the threads of this process, none of which can then be the
    /// one that takes another's place. A send without blocking would do for all processes, but libsystemd has none.
    private static let sending = Mutex(())

    /// - Parameter timeout: how long a notification waits for room in the manager's queue, *1 s* unless told.
    public init(timeout: Duration = .seconds(1)) {
        self.timeout = timeout
    }

    /// Whether a message was handed over.
    public enum Delivery: Hashable, Sendable {
        /// It is in the manager's queue. Whether it acts on it depends on the unit (`NotifyAccess=`).
        case sent
        /// There is no manager that wants to know: `NOTIFY_SOCKET` is not set. Not an error.
        case notSupervised
    }

    /// Tells the manager something; several things at once arrive at once.
    ///
    /// - Returns: ``Delivery/notSupervised`` if `NOTIFY_SOCKET` is not set.
    /// - Throws: ``NotificationError``; ``NotificationError/managerNotReceiving(after:)`` after ``timeout``.
    @discardableResult
    public func notify(
        _ notification: Notification,
        _ more: Notification...
    ) throws(NotificationError) -> Delivery {
        let message = ([notification] + more).map(\.text).joined()
        guard message.utf8.count <= Self.longestMessage else {
            throw .messageTooLong(bytes: message.utf8.count)
        }
        return try Self.send(waitingUpTo: timeout) { sd_notify(0, message) }
    }

    /// Sends with libsystemd once the manager's queue has room.
    ///
    /// - Parameters:
    ///   - timeout: how long to wait for room.
    ///   - message: a call that sends one message and returns what sd_notify(3) would.
    static func send(
        waitingUpTo timeout: Duration,
        _ message: () -> CInt
    ) throws(NotificationError) -> Delivery {
        guard let address = try NotifyAddress.fromEnvironment() else { return .notSupervised }
        let queue = try ManagerQueue(address)
        let deadline = Deadline(after: timeout)
        while true {
            // The lock is held while nothing can block, and never while waiting.
            let result = try sending.withLock { _ throws(NotificationError) -> CInt? in
                try queue.hasRoom() ? message() : nil
            }
            if let result {
                guard result >= 0 else { throw .systemCall("sd_notify", errno: -result) }
                return result > 0 ? .sent : .notSupervised
            }
            guard try queue.waitForRoom(until: deadline) else { throw .managerNotReceiving(after: timeout) }
        }
    }
}
