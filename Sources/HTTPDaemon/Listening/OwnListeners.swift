import Glibc
import HTTPServer

/// A listening socket that could not be opened.
struct ListenError: Error, CustomStringConvertible {
    let address: ListenAddress
    let operation: String
    let code: CInt
    /// What lies behind it, where that is known.
    var cause: String?

    var description: String {
        let reason = String(cString: strerror(code))
        let hint =
            switch code {
            case _ where cause != nil: "; \(cause ?? "")"
            case EADDRINUSE where operation == "lstat": "; a file that is no socket has that name"
            case EAFNOSUPPORT:
                "; the sandbox of a unit may forbid it (RestrictAddressFamilies=): pass it a socket instead"
            case EADDRINUSE: "; is another daemon running, or does a socket unit hold it?"
            case EACCES: "; ports below 1024 and other users' directories want privileges"
            case EADDRNOTAVAIL: "; this machine has no such address"
            default: ""
            }
        return "cannot listen on \(address): \(operation): \(reason)\(hint)"
    }
}

/// Opens listening sockets where the service manager passed none: by hand, or in a container.
enum OwnListeners {
    /// Opens a socket and listens on it.
    static func open(_ address: ListenAddress, name: String) throws(ListenError) -> HTTPServer.Listener {
        func fail(_ operation: String) -> ListenError {
            ListenError(address: address, operation: operation, code: errno)
        }
        let descriptor = socket(address.family, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw fail("socket") }
        do throws(ListenError) {
            if address.family != AF_UNIX { try set(descriptor, SOL_SOCKET, SO_REUSEADDR, fail) }
            // A wildcard IPv6 address would take the IPv4 port too.
            if address.family == AF_INET6 { try set(descriptor, CInt(IPPROTO_IPV6), IPV6_V6ONLY, fail) }
            if case .unix(let path) = address { try removeStale(path, fail) }
            guard address.withSocketAddress({ bind(descriptor, $0, $1) }) == 0 else { throw fail("bind") }
            guard listen(descriptor, CInt.max) == 0 else { throw fail("listen") }
        } catch {
            close(descriptor)
            throw error
        }
        return HTTPServer.Listener(serving: name, descriptor: descriptor, isTCP: address.family != AF_UNIX)
    }

    private static func set(
        _ descriptor: CInt,
        _ level: CInt,
        _ option: CInt,
        _ fail: (String) -> ListenError
    ) throws(ListenError) {
        var one: CInt = 1
        guard setsockopt(descriptor, level, option, &one, socklen_t(MemoryLayout<CInt>.size)) == 0 else {
            throw fail("setsockopt")
        }
    }

    /// Removes the socket file that an earlier process left, but not one that is in use, nor any other file.
    private static func removeStale(_ path: String, _ fail: (String) -> ListenError) throws(ListenError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            errno = EADDRINUSE
            throw fail("lstat")
        }
        // It does not wait where the queue of a living listener is full.
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        let probe = socket(AF_UNIX, type, 0)
        guard probe >= 0 else { throw fail("socket") }
        defer { close(probe) }
        let refused = ListenAddress.unix(path: path).withSocketAddress { connect(probe, $0, $1) } != 0
        if refused, errno == ECONNREFUSED, unlink(path) != 0 { throw fail("unlink") }
    }
}

extension ListenAddress {
    fileprivate var family: CInt {
        switch self {
        case .ipv4: AF_INET
        case .ipv6: AF_INET6
        case .unix: AF_UNIX
        }
    }

    /// Calls `body` with the address as the kernel wants it.
    fileprivate func withSocketAddress(_ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt) -> CInt {
        func call<Address>(_ address: Address) -> CInt {
            withUnsafePointer(to: address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<Address>.size))
                }
            }
        }
        switch self {
        case .ipv4(let host, let port):
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            inet_pton(AF_INET, host, &address.sin_addr)
            return call(address)
        case .ipv6(let host, let port):
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            inet_pton(AF_INET6, host, &address.sin6_addr)
            return call(address)
        case .unix(let path):
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) {
                $0.copyBytes(from: path.utf8.prefix(ListenAddress.longestPath))
            }
            return call(address)
        }
    }
}
