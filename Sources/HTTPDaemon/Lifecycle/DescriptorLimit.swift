import Glibc

/// The limit on open files (RLIMIT_NOFILE).
enum DescriptorLimit {
    /// Raises the soft limit to the hard one; systemd keeps the soft one at 1024 for programs that use select(2).
    static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// How many descriptors the process may have.
    static var current: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        return Int(clamping: limit.rlim_cur)
    }
}

/// How the descriptors that there may be are shared out: what every daemon needs for itself, what this one's own code needs,
/// and clients. Together they are never more than there may be, unless that is next to nothing. Pure.
struct DescriptorBudget: Equatable {
    /// Standard streams, the log, the manager, signals and timers, files that a reload reads, the socket pairs of a
    /// hand-over, administrators' connections, and what the resolver of names opens for a moment.
    static let always = 96
    /// What each event loop has: an epoll and an alarm.
    static let eachLoop = 2

    /// Connections of clients that may be open.
    let connections: Int
    /// Descriptors that the daemon's own code may have.
    let own: Int

    /// Shares out.
    ///
    /// - Parameters:
    ///   - configuration: What is wanted for clients.
    ///   - own: What is wanted for the daemon's own code.
    ///   - descriptors: How many there may be.
    ///   - loops: Event loops that serve clients.
    ///   - listeners: Listening sockets.
    init(_ configuration: DaemonConfiguration, own wanted: Int, descriptors: Int, loops: Int, listeners: Int) {
        let taken = min(Self.always, descriptors / 4) + loops * Self.eachLoop + listeners
        let free = max(descriptors - taken, 2)
        // Clients have at least half of what is free.
        own = min(wanted, free / 2)
        let most = max(free - own, 1)
        let limit = configuration.limits.maximumConnections
        connections = limit == 0 ? most : min(limit, most)
    }
}
