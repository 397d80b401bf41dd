import CGlibc
import Glibc

/// A listening socket: accepts as many connections a turn as it is allowed to.
final class ListeningSocket: Pollable {
    let origin: ConnectionOrigin
    private let acceptor: Acceptor
    private let isTCP: Bool
    private let deliver: (CInt, ClientAddress) -> Void
    private var allowed = 0
    private var isClosed = false

    /// - Parameter deliver: Is given each connection: a non-blocking, close-on-exec descriptor.
    init(
        descriptor: CInt,
        isTCP: Bool,
        origin: ConnectionOrigin,
        acceptor: Acceptor,
        deliver: @escaping (CInt, ClientAddress) -> Void
    ) {
        self.origin = origin
        self.acceptor = acceptor
        self.isTCP = isTCP
        self.deliver = deliver
        super.init(descriptor: descriptor)
    }

    /// Checks that a descriptor is a listening stream socket, and makes it non-blocking.
    static func prepare(_ descriptor: CInt) throws(SystemCallError) {
        for (option, expected) in [(SO_ACCEPTCONN, 1), (SO_TYPE, CInt(SOCK_STREAM.rawValue))] {
            var value: CInt = 0
            var length = socklen_t(MemoryLayout<CInt>.size)
            guard getsockopt(descriptor, SOL_SOCKET, option, &value, &length) == 0 else {
                throw SystemCallError("getsockopt")
            }
            guard value == expected else { throw SystemCallError("not a listening stream socket", code: EINVAL) }
        }
        let flags = fcntl(descriptor, F_GETFL)
        guard flags >= 0, fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0 else {
            throw SystemCallError("fcntl")
        }
    }

    /// Lets so many connections be accepted in a turn from now on. A listener that may accept none is not watched: it
    /// would be ready again and again.
    func allow(_ count: Int, on loop: EpollLoop) {
        guard count != allowed, !isClosed else { return }
        allowed = count
        loop.change(self, to: count > 0 ? [.input, .inputEnded] : [])
    }

    override func isReady(for readiness: Readiness) {
        guard !isClosed else { return }
        // Somebody has shut it down. accept(2) says so of a TCP socket; of a Unix socket it would only say, for ever, that
        // there is nothing to accept.
        if !readiness.isDisjoint(with: [.ended, .inputEnded]) { return acceptor.failed(self) }
        for _ in 0..<allowed {
            guard accept() else { break }
        }
        acceptor.update()
    }

    /// Accepts one. Returns whether there may be more.
    private func accept() -> Bool {
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let accepted = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                accept4(descriptor, $0, &length, CInt(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
            }
        }
        guard accepted >= 0 else {
            switch errno {
            case EMFILE, ENFILE, ENOBUFS, ENOMEM:
                acceptor.ranOut()
                return false
            case EAGAIN:
                return false
            case EINVAL, EBADF, ENOTSOCK, EOPNOTSUPP:
                // Somebody has shut it down; that would be told again and again.
                acceptor.failed(self)
                return false
            default:
                // An error of that connection, not of the listener (accept(2)).
                return true
            }
        }
        if isTCP {
            var on: CInt = 1
            setsockopt(accepted, CInt(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<CInt>.size))
        }
        origin.budget.opened()
        deliver(accepted, isTCP ? ClientAddress(address) : .unix)
        return true
    }

    /// Accepts no more. What was not accepted stays in the kernel's queue; never shutdown(2), which would empty it.
    func close(on loop: EpollLoop) {
        guard !isClosed else { return }
        isClosed = true
        loop.remove(self)
        Glibc.close(descriptor)
    }
}
