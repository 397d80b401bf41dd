import NIOCore

/// Where a client connects to.
public enum Target: Sendable, Hashable, CustomStringConvertible {
    /// A TCP port on an IPv4 or IPv6 literal (`127.0.0.1`, `::1`). Names are not resolved.
    case tcp(host: String, port: Int)
    /// A Unix stream socket in the file system.
    case unix(path: String)

    /// Whether this is a Unix socket, where a full backlog shows as `EAGAIN` from connect(2).
    var isUnix: Bool {
        if case .unix = self { return true }
        return false
    }

    /// The address to connect to.
    ///
    /// - Throws: ``TargetError`` when the host is no address literal or the path is too long for `sun_path`.
    func socketAddress() throws(TargetError) -> SocketAddress {
        do {
            switch self {
            case .tcp(let host, let port): return try SocketAddress(ipAddress: host, port: port)
            case .unix(let path): return try SocketAddress(unixDomainSocketPath: path)
            }
        } catch {
            throw TargetError(target: self, reason: String(describing: error))
        }
    }

    /// `127.0.0.1:8080`, `[::1]:8080` or `unix:/path`.
    public var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }

    /// The `Host` field that goes with this target.
    var hostField: String {
        switch self {
        case .tcp: description
        case .unix: "localhost"
        }
    }
}

/// A target that cannot be an address.
public struct TargetError: Error, Sendable, CustomStringConvertible {
    /// The target in question.
    public let target: Target
    /// What is wrong with it.
    public let reason: String

    /// The target and what is wrong with it.
    public var description: String { "\(target): \(reason)" }
}
