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

/// How the descriptors that there may be are shared out: what the daemon needs for itself, calls of upstreams, and clients.
/// Together they are never more than there may be, unless that is next to nothing. Pure.
struct DescriptorBudget: Equatable {
    /// Standard streams, the log, the manager, signals and timers, files that a reload reads, the socket pairs of a
    /// hand-over, administrators' connections, and what the resolver of names opens for a moment.
    static let own = 96
    /// What each event loop has: an epoll and an alarm.
    static let eachLoop = 2
    /// What a call may have at once: a connection, and a second attempt at another address of the host.
    static let eachCall = 2

    /// Connections of clients that may be open.
    let connections: Int
    /// Calls of upstreams that may go on at once.
    let calls: Int
    /// Connections to upstreams past which none is kept for later calls.
    let kept: Int

    /// Shares out.
    ///
    /// - Parameters:
    ///   - configuration: What is wanted.
    ///   - descriptors: How many there may be.
    ///   - loops: Event loops that serve clients.
    ///   - listeners: Listening sockets.
    init(_ configuration: DaemonConfiguration, descriptors: Int, loops: Int, listeners: Int) {
        let own = min(Self.own, descriptors / 4) + loops * Self.eachLoop + listeners
        let free = max(descriptors - own, 2)
        let wanted = configuration.aggregate
        var upstreams = 0
        if wanted.upstreams.isEmpty {
            (calls, kept) = (wanted.maximumCalls, 0)
        } else {
            // Room for each upstream to have one that is kept.
            let mostKept = max(wanted.maximumCalls, wanted.upstreams.count)
            let most = wanted.maximumCalls * Self.eachCall + mostKept
            // Clients have at least half of what is free.
            let share = min(most, free / 2)
            calls = share == most ? wanted.maximumCalls : max(1, min(wanted.maximumCalls, share / (Self.eachCall + 1)))
            kept = share == most ? mostKept : max(1, share - calls * Self.eachCall)
            upstreams = share
        }
        let most = max(free - upstreams, 1)
        let limit = configuration.limits.maximumConnections
        connections = limit == 0 ? most : min(limit, most)
    }
}
