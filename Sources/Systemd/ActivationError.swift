import Glibc

/// Why inherited sockets could not be taken up.
///
/// The description is one line for an operator: what was found where, and what to do about it. What came from outside
/// is escaped and bounded in it.
public enum ActivationError: Error, Hashable, Sendable {
    /// An environment variable of the protocol does not hold what sd_listen_fds(3) says it must.
    ///
    /// `value` is as found, neither escaped nor bounded; ``description`` is safe to print.
    case invalidVariable(name: String, value: String, reason: String)
    /// A descriptor that was passed is not a listening stream socket.
    case unusableDescriptor(number: CInt, name: String, problem: DescriptorProblem)
    /// A system call failed on a descriptor that was passed.
    case systemCall(String, descriptor: CInt, name: String, errno: CInt)

    /// What is wrong with a descriptor.
    public enum DescriptorProblem: Hashable, Sendable {
        /// The descriptor is not open (`EBADF`).
        case notOpen
        /// It is a file, a pipe or something else that is no socket.
        case notSocket
        /// It is a datagram socket, as `ListenDatagram=` makes.
        case datagram
        /// It is a socket, but neither a stream nor a datagram one, as `ListenSequentialPacket=` makes.
        case notStream
        /// It is one connection, as `Accept=yes` passes, not a listener.
        case connected
        /// It is a stream socket on which nobody called listen(2).
        case notListening
        /// It listens, but in an address family other than IPv4, IPv6 and Unix.
        case unsupportedFamily(CInt)
    }

    /// The errno value that fits best, for the `ERRNO=` of a failed start.
    public var errorNumber: CInt {
        switch self {
        case .invalidVariable: EINVAL
        case .systemCall(_, _, _, let number): number
        case .unusableDescriptor(_, _, let problem):
            switch problem {
            case .notOpen: EBADF
            case .notSocket: ENOTSOCK
            case .datagram, .notStream: ESOCKTNOSUPPORT
            case .connected: EISCONN
            case .notListening: EINVAL
            case .unsupportedFamily: EAFNOSUPPORT
            }
        }
    }
}

extension ActivationError: CustomStringConvertible {
    /// One line: what was found, and what to do.
    public var description: String {
        switch self {
        case .invalidVariable(let name, let value, let reason):
            "\(name)=\(Text.quoted(value)) \(reason); start the service through its socket unit, or unset "
                + "LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES to run without inherited sockets"
        case .unusableDescriptor(let number, let name, let problem):
            "inherited descriptor \(number) (\(Text.quoted(name))) \(problem)"
        case .systemCall(let call, let number, let name, let error):
            "\(call) failed on inherited descriptor \(number) (\(Text.quoted(name))): \(Text.error(error))"
        }
    }
}

extension ActivationError.DescriptorProblem: CustomStringConvertible {
    /// The end of a sentence that begins with the descriptor.
    public var description: String {
        switch self {
        case .notOpen:
            "is not open (EBADF): LISTEN_FDS names more descriptors than were passed"
        case .notSocket:
            "is not a socket: pass sockets only (ListenStream= in a socket unit)"
        case .datagram:
            "is a datagram socket: use ListenStream= in the socket unit, not ListenDatagram="
        case .notStream:
            "is not a stream socket: use ListenStream= in the socket unit"
        case .connected:
            "is a connection, not a listening socket: use Accept=no in the socket unit"
        case .notListening:
            "is a stream socket that does not listen: pass it after listen(2)"
        case .unsupportedFamily(let family):
            "is of address family \(family): only IPv4, IPv6 and Unix sockets can be used"
        }
    }
}
