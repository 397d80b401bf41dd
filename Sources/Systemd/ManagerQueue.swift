import CSystemd
import Glibc

/// The queue of the manager's notification socket, as seen from a socket connected to it. Nothing is sent on it.
///
/// Linux counts a connected datagram socket as writable only while its peer's queue has room (`unix_dgram_poll`,
/// `unix_recvq_full`): the very condition on which a send blocks.
struct ManagerQueue: ~Copyable {
    private let socket: OwnedDescriptor
    private let address: NotifyAddress

    /// - Throws: ``NotificationError/managerUnreachable(address:errno:)`` if nobody is there.
    init(_ address: NotifyAddress) throws(NotificationError) {
        let type = CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        let number = Glibc.socket(AF_UNIX, type, 0)
        guard number >= 0 else { throw .systemCall("socket", errno: errno) }
        // From here on it is closed on every way out, which may change errno.
        let socket = OwnedDescriptor(number)
        let error = address.withSocketAddress { connect(number, $0, $1) == 0 ? 0 : errno }
        guard error == 0 else { throw .managerUnreachable(address: address.value, errno: error) }
        self.socket = socket
        self.address = address
    }

    /// Waits until there is room, or the deadline has passed.
    ///
    /// - Returns: whether there is room.
    func waitForRoom(until deadline: Deadline) throws(NotificationError) -> Bool {
        let events = try Descriptor.wait(for: POLLOUT, on: socket.number, until: deadline)
        if events == 0 || events & CShort(POLLOUT) != 0 { return events != 0 }
        throw .managerUnreachable(address: address.value, errno: ECONNREFUSED)
    }

    /// Whether there is room now.
    func hasRoom() throws(NotificationError) -> Bool {
        try waitForRoom(until: Deadline(after: .zero))
    }
}

/// poll(2) on one descriptor.
enum Descriptor {
    /// Waits for `event`, an error or a hang-up; a signal does not end the wait.
    ///
    /// - Returns: what happened, or 0 if nothing did before the deadline.
    static func wait(
        for event: CInt,
        on number: CInt,
        until deadline: Deadline
    ) throws(NotificationError) -> CShort {
        var request = pollfd(fd: number, events: CShort(event), revents: 0)
        while true {
            let result = poll(&request, 1, deadline.pollTimeout)
            if result > 0 { return request.revents }
            if result == 0 {
                // A wait of more milliseconds than fit is not over when poll returns.
                if deadline.pollTimeout == 0 { return 0 }
            } else if errno != EINTR {
                throw .systemCall("poll", errno: errno)
            }
        }
    }
}
