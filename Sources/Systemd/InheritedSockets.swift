import Glibc

/// The listening sockets that the service manager passed to this process (socket activation, sd_listen_fds(3)).
///
/// ```swift
/// var sockets = try InheritedSockets.receive()
/// while let socket = sockets.next() {
///     serve(socket.name, socket.takeDescriptor())
/// }
/// ```
///
/// Sockets that were not taken are closed with it, by close(2) alone, so that the manager's stay usable.
public struct InheritedSockets: ~Copyable, Sendable {
    private var remaining: ArraySlice<ListeningSocket>

    /// Takes up what was passed, and takes the variables that say so out of the environment.
    ///
    /// Call it once, first thing in `main`: before any thread starts (changing the environment and threads do not go
    /// together), before anything is spawned, and before anything else opens a descriptor. `LISTEN_PID`,
    /// `LISTEN_PIDFDID`, `LISTEN_FDS` and `LISTEN_FDNAMES` are gone afterwards, also after an error, and a second call
    /// returns nothing.
    ///
    /// - Returns: the sockets, in the manager's order; none if the variables are absent or meant for another process.
    /// - Throws: ``ActivationError`` if the variables hold garbage, or if any descriptor is not a listening stream
    ///   socket of IPv4, IPv6 or Unix kind. All are looked at before any is changed, and none is closed: a process
    ///   that gets this error should say so and exit.
    public static func receive() throws(ActivationError) -> InheritedSockets {
        let variables = ListenVariables.takeFromEnvironment()
        let passed = try variables.descriptors(forProcess: getpid(), ownPidfdID: ListenVariables.ownPidfdID)

        // The one place that sees every passed descriptor with its name. Descriptors that come back from the
        // file-descriptor store are no listeners, and come last: they will be told apart here, by name.
        var sockets: [ListeningSocket] = []
        for number in passed.numbers {
            sockets.append(try ListeningSocket(verifying: number, name: passed.name(of: number)))
        }
        for socket in sockets {
            try socket.setFlags()
        }
        return InheritedSockets(remaining: sockets[...])
    }

    private init(remaining: ArraySlice<ListeningSocket>) {
        self.remaining = remaining
    }

    deinit {
        for socket in remaining {
            _ = OwnedDescriptor(socket.descriptor)
        }
    }

    /// How many sockets have not been taken yet.
    public var count: Int { remaining.count }

    /// Whether no socket is left to take. Right after ``receive()``: whether the process was not socket-activated.
    public var isEmpty: Bool { remaining.isEmpty }

    /// Takes the next socket, in the manager's order, or returns `nil` when all are taken.
    public mutating func next() -> InheritedSocket? {
        guard let socket = remaining.popFirst() else { return nil }
        return InheritedSocket(owning: socket)
    }
}
