import CSystemd
import Glibc

/// A descriptor that was found to be a listening stream socket. It does not own the descriptor.
struct ListeningSocket: Sendable {
    let descriptor: CInt
    let name: String
    let kind: InheritedSocket.Kind
    let address: String

    /// Looks at a descriptor without changing it.
    ///
    /// As loose as sd_listen_fds(3) recommends: what matters is that accept(2) will work, not which port it is.
    ///
    /// - Throws: ``ActivationError/unusableDescriptor(number:name:problem:)`` for anything but a listening stream
    ///   socket of a family that is supported.
    init(verifying descriptor: CInt, name: String) throws(ActivationError) {
        func check(_ result: CInt, otherwise problem: ActivationError.DescriptorProblem) throws(ActivationError) {
            if result == 0 { throw .unusableDescriptor(number: descriptor, name: name, problem: problem) }
            if result == -EBADF { throw .unusableDescriptor(number: descriptor, name: name, problem: .notOpen) }
            if result < 0 { throw .systemCall("sd_is_socket", descriptor: descriptor, name: name, errno: -result) }
        }

        try check(sd_is_socket(descriptor, AF_UNSPEC, 0, -1), otherwise: .notSocket)
        let isDatagram = sd_is_socket(descriptor, AF_UNSPEC, CInt(SOCK_DGRAM.rawValue), -1) > 0
        let stream = CInt(SOCK_STREAM.rawValue)
        try check(sd_is_socket(descriptor, AF_UNSPEC, stream, -1), otherwise: isDatagram ? .datagram : .notStream)
        try check(
            sd_is_socket(descriptor, AF_UNSPEC, stream, 1),
            otherwise: Self.isConnected(descriptor) ? .connected : .notListening
        )

        guard let address = SocketAddress(of: descriptor) else {
            throw .systemCall("getsockname", descriptor: descriptor, name: name, errno: errno)
        }
        switch address.family {
        case AF_INET: kind = .ipv4
        case AF_INET6: kind = .ipv6
        case AF_UNIX: kind = .unix
        case let family:
            throw .unusableDescriptor(number: descriptor, name: name, problem: .unsupportedFamily(family))
        }
        self.descriptor = descriptor
        self.name = name
        self.address = address.text
    }

    /// Sets close-on-exec and non-blocking mode.
    ///
    /// The first belongs to this descriptor. The second belongs to the socket, which the service manager shares; it
    /// sets the mode anew each time it starts the service (`NonBlocking=` in systemd.service(5)).
    func setFlags() throws(ActivationError) {
        try addFlag(FD_CLOEXEC, get: F_GETFD, set: F_SETFD)
        try addFlag(O_NONBLOCK, get: F_GETFL, set: F_SETFL)
    }

    private func addFlag(_ flag: CInt, get: CInt, set: CInt) throws(ActivationError) {
        let flags = fcntl(descriptor, get)
        guard flags >= 0, flags & flag != 0 || fcntl(descriptor, set, flags | flag) >= 0 else {
            throw .systemCall("fcntl", descriptor: descriptor, name: name, errno: errno)
        }
    }

    private static func isConnected(_ descriptor: CInt) -> Bool {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(descriptor, $0, &length) }
        } == 0
    }
}
