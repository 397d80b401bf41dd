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
    /// Whom the variables are meant for, where they speak of descriptors that are not for this process: worth a line
    /// in the log, since the service's sockets are then not served.
    public let misaddressing: Misaddressing?

    private var remaining: ArraySlice<ListeningSocket>
    private var stored: ArraySlice<(number: CInt, name: String)>

    /// Takes up what was passed, and takes the variables that say so out of the environment.
    ///
    /// Call it once, first thing in `main`: before any thread starts (changing the environment and threads do not go
    /// together), before anything is spawned, and before anything else opens a descriptor. `LISTEN_PID`,
    /// `LISTEN_PIDFDID`, `LISTEN_FDS` and `LISTEN_FDNAMES` are gone afterwards, also after an error, and a second call
    /// returns nothing.
    ///
    /// - Parameter names: those by which this service puts descriptors into the manager's store. What comes back by
    ///   one of them is no listener: ``nextStored()`` gives it.
    /// - Returns: the sockets, in the manager's order; none if the variables are absent or meant for another process.
    /// - Throws: ``ActivationError`` if the variables hold garbage, or if any descriptor is not a listening stream
    ///   socket of IPv4, IPv6 or Unix kind. All are looked at before any is changed, and none is closed: a process
    ///   that gets this error should say so and exit.
    public static func receive(stored names: Set<String> = []) throws(ActivationError) -> InheritedSockets {
        let variables = ListenVariables.takeFromEnvironment()
        let passed = try variables.descriptors(forProcess: getpid(), ownPidfdID: ListenVariables.ownPidfdID)

        var sockets: [ListeningSocket] = []
        var stored: [(number: CInt, name: String)] = []
        for number in passed.numbers {
            let name = passed.name(of: number)
            if names.contains(name) {
                stored.append((number, name))
            } else {
                sockets.append(try ListeningSocket(verifying: number, name: name))
            }
        }
        for socket in sockets {
            try socket.setFlags()
        }
        for (number, name) in stored {
            guard fcntl(number, F_SETFD, FD_CLOEXEC) >= 0 else {
                throw .unusableDescriptor(number: number, name: name, problem: .notOpen)
            }
        }
        return InheritedSockets(
            misaddressing: passed.misaddressing,
            remaining: sockets[...],
            stored: stored[...]
        )
    }

    private init(
        misaddressing: Misaddressing?,
        remaining: ArraySlice<ListeningSocket>,
        stored: ArraySlice<(number: CInt, name: String)>
    ) {
        self.misaddressing = misaddressing
        self.remaining = remaining
        self.stored = stored
    }

    deinit {
        for socket in remaining {
            _ = OwnedDescriptor(socket.descriptor)
        }
        for descriptor in stored {
            _ = OwnedDescriptor(descriptor.number)
        }
    }

    /// How many sockets have not been taken yet.
    public var count: Int { remaining.count }

    /// Whether no socket is left to take. Right after ``receive(stored:)``: whether the process was not socket-activated.
    public var isEmpty: Bool { remaining.isEmpty }

    /// Takes the next socket, in the manager's order, or returns `nil` when all are taken.
    public mutating func next() -> InheritedSocket? {
        guard let socket = remaining.popFirst() else { return nil }
        return InheritedSocket(owning: socket)
    }

    /// Takes the next descriptor that an earlier process stored, in the order of storing, or returns `nil` when all are
    /// taken.
    public mutating func nextStored() -> StoredDescriptor? {
        guard let descriptor = stored.popFirst() else { return nil }
        return StoredDescriptor(owning: descriptor.number, name: descriptor.name)
    }
}
