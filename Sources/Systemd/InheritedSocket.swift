/// A listening stream socket that the service manager opened and this process owns.
///
/// It is known to listen, is non-blocking and closed on exec. The queue length that the manager set stays as it is:
/// listen(2) is not called again. It is closed when it goes out of scope, unless ``takeDescriptor()`` was called.
public struct InheritedSocket: ~Copyable, Sendable {
    /// What kind of address a socket listens on.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// An IPv4 address and port.
        case ipv4
        /// An IPv6 address and port; may take IPv4 connections too (`BindIPv6Only=` in systemd.socket(5)).
        case ipv6
        /// A path or an abstract name.
        case unix
    }

    /// `FileDescriptorName=` of the socket unit, by default the unit's name; `unknown` if the manager gave none.
    ///
    /// Printable ASCII of at most 255 characters. Not unique: all sockets of one unit share its name.
    public let name: String
    /// What kind of address it listens on.
    public let kind: Kind
    /// The address it is bound to, for a log: `127.0.0.1:8080`, `[::1]:8080`, `/run/hello.sock` or `@abstract`.
    ///
    /// Printable ASCII; anything else in it is escaped.
    public let address: String

    private let descriptor: OwnedDescriptor

    /// Takes over the descriptor of `socket`.
    init(owning socket: ListeningSocket) {
        name = socket.name
        kind = socket.kind
        address = socket.address
        descriptor = OwnedDescriptor(socket.descriptor)
    }

    /// Hands the descriptor over to the caller, who closes it.
    ///
    /// With close(2), and never with shutdown(2): the service manager holds the same socket, and would lose it.
    public consuming func takeDescriptor() -> CInt {
        descriptor.release()
    }
}
