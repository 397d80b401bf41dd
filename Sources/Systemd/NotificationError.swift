import Glibc

/// Why the service manager could not be told something.
///
/// None of these is a reason for a service to stop: it works on, and its manager knows less.
public enum NotificationError: Error, Hashable, Sendable {
    /// `NOTIFY_SOCKET` is set, but names no socket. `value` is as found; ``description`` is safe to print.
    case invalidAddress(value: String, reason: String)
    /// Nobody is at the socket that `NOTIFY_SOCKET` names, or it may not be used.
    case managerUnreachable(address: String, errno: CInt)
    /// The manager's queue stayed full for this long. Nothing was sent.
    case managerNotReceiving(after: Duration)
    /// The manager took the barrier, but did not get to it in this time.
    case barrierTimedOut(after: Duration)
    /// All assignments together are longer than the 4096 bytes that systemd reads; it would ignore them all.
    case messageTooLong(bytes: Int)
    /// A call failed that should not: of the system, or of libsystemd.
    case systemCall(String, errno: CInt)
}

extension NotificationError: CustomStringConvertible {
    /// One line of printable ASCII.
    public var description: String {
        switch self {
        case .invalidAddress(let value, let reason):
            "NOTIFY_SOCKET=\(Text.quoted(value, limit: 120)) \(reason); unset it to run without a service manager"
        case .managerUnreachable(let address, let number):
            "the service manager cannot be reached at NOTIFY_SOCKET=\(Text.quoted(address, limit: 120)): "
                + Text.error(number)
        case .managerNotReceiving(let time):
            "the service manager has not read its notifications for \(time): its queue is full"
        case .barrierTimedOut(let time):
            "the service manager has not processed the notifications within \(time)"
        case .messageTooLong(let bytes):
            "a notification of \(bytes) bytes is longer than the \(ServiceManager.longestMessage) that systemd reads"
        case .systemCall(let call, let number):
            "\(call) failed: \(Text.error(number))"
        }
    }
}
