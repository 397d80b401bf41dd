import Glibc

/// What the limit on open files leaves for connections.
enum DescriptorLimit {
    /// Descriptors that are not for connections: listeners, two for each event loop, the log, files read at a reload.
    static let reserve = 128

    /// Raises the soft limit to the hard one; systemd keeps the soft one at 1024 for programs that use select(2).
    static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// How many connections may be open: as configured (0 is as many as there can be), but no more than can be.
    static func connections(configured: Int) -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return max(configured, 1) }
        return connections(configured: configured, descriptors: Int(clamping: limit.rlim_cur))
    }

    static func connections(configured: Int, descriptors: Int) -> Int {
        let most = max(descriptors - reserve, descriptors / 2, 1)
        return configured == 0 ? most : min(configured, most)
    }
}
