import CSystemd
import Glibc
import Synchronization

/// Sends descriptors through a Unix socket pair, each message with octets that say what they are (`SCM_RIGHTS`, unix(7)).
///
/// With the receiving end in the manager's store, any number of descriptors outlives this process at the cost of one:
/// they wait in the socket's queue until the next process reads them with a ``DescriptorReceiver``. Storing each by
/// itself costs systemd 252 time that is quadratic in their number: 2,000 took 2.2 s.
///
/// ```swift
/// let sender = try DescriptorSender()
/// guard try sender.store(with: manager, name: "connections") else { … }   // before anything is sent
/// let result = sender.send(octets, [connection])
/// ```
///
/// Safe to use from any thread. Only ``store(with:name:timeout:)`` blocks.
public final class DescriptorSender: Sendable {
    /// What became of a message.
    public enum Outcome: Hashable, Sendable {
        /// It is in the queue, the descriptors with it. The caller's own may be closed.
        case sent
        /// It is not; the caller's descriptors are the only ones. `EAGAIN`: the queue is full. `EPIPE`: nobody has the
        /// receiving end any more. `ETOOMANYREFS`: this user has as many descriptors in queues as its limit on open
        /// files allows (unix(7)).
        case refused(errno: CInt)
    }

    /// The most descriptors of one message.
    public static let descriptorsAMessage = csystemd_descriptors_a_message
    /// The most octets of one message.
    public static let octetsAMessage = 16384

    private let sending: OwnedDescriptorBox
    private let receiving: Mutex<OwnedDescriptorBox?>

    /// Makes the socket pair.
    ///
    /// - Throws: ``NotificationError/systemCall(_:errno:)`` where there are no more descriptors.
    public init() throws(NotificationError) {
        var ends: [CInt] = [-1, -1]
        // A stream: the queues of other kinds are bounded by a number of messages (net.unix.max_dgram_qlen).
        let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw .systemCall("socketpair", errno: errno) }
        sending = OwnedDescriptorBox(ends[0])
        receiving = Mutex(OwnedDescriptorBox(ends[1]))
        // As long a queue as is allowed without privileges: the kernel caps it at twice net.core.wmem_max.
        var size: CInt = 1 << 24
        setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<CInt>.size))
    }

    /// Puts the receiving end into the manager's store, and lets go of this process's own.
    ///
    /// The barrier behind it waits until the manager has taken the end, or has refused it by closing it; so what this
    /// returns is what is the case.
    ///
    /// - Parameters:
    ///   - manager: the service manager.
    ///   - name: the name by which the end comes back.
    ///   - timeout: how long the manager may take.
    /// - Returns: whether it is stored. It is not where nobody supervises this process, or where the unit's
    ///   `FileDescriptorStoreMax=` leaves no room.
    /// - Throws: ``NotificationError``.
    public func store(
        with manager: ServiceManager,
        name: String,
        timeout: Duration = .seconds(1)
    ) throws(NotificationError) -> Bool {
        guard let number = receivingEnd else { return false }
        // A hang-up is what this end is for: the manager must not take it for one that is of no more use.
        guard try manager.store(number, name: name, polls: false) == .sent else { return false }
        try manager.barrier(timeout: timeout)
        letGo()
        return hasReceiver
    }

    /// Closes the receiving end here, so that the manager's, if it has kept it, is the last.
    func letGo() { receiving.withLock { $0 = nil } }

    /// The receiving end, until it is stored.
    var receivingEnd: CInt? { receiving.withLock { $0?.number } }

    /// Whether anybody has the receiving end. systemd 257 lets go of one that it refuses to store only some time behind the
    /// barrier, so that one that is there at first may be gone later.
    public var hasReceiver: Bool {
        var polled = pollfd(fd: sending.number, events: 0, revents: 0)
        return poll(&polled, 1, 0) >= 0 && polled.revents & Int16(POLLHUP) == 0
    }

    /// Sends one message: all of it or nothing.
    ///
    /// - Parameters:
    ///   - octets: what the descriptors are, 1 to ``octetsAMessage``.
    ///   - descriptors: at most ``descriptorsAMessage``. They stay the caller's, to be closed.
    public func send(_ octets: [UInt8], _ descriptors: [CInt]) -> Outcome {
        precondition((1...Self.octetsAMessage).contains(octets.count))
        precondition(descriptors.count <= Self.descriptorsAMessage)
        while true {
            // One message is one buffer in the kernel, so a short write does not happen; it would be no frame.
            let sent = csystemd_send(sending.number, octets, octets.count, descriptors, descriptors.count)
            if sent == octets.count { return .sent }
            if sent >= 0 { return .refused(errno: EMSGSIZE) }
            if errno != EINTR { return .refused(errno: errno) }
        }
    }
}

/// A descriptor that several may look at, closed when nobody does.
private final class OwnedDescriptorBox: Sendable {
    private let descriptor: OwnedDescriptor

    init(_ number: CInt) { descriptor = OwnedDescriptor(number) }

    var number: CInt { descriptor.number }
}
