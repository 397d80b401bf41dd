import Glibc

/// How much of the processors the kernel lets a control group have (cgroups(7), `CPUQuota=`).
struct CPUQuota: Equatable {
    /// Whole cores that it comes to, rounded up: half a core is still one loop's.
    let cores: Int

    /// What `cpu.max` of cgroup v2 says, `50000 100000`; nil for `max`, which is no quota.
    init?(max text: some StringProtocol) {
        let fields = text.split(whereSeparator: \.isWhitespace)
        guard fields.count == 2 else { return nil }
        self.init(quota: fields[0], period: fields[1])
    }

    /// What two files of cgroup v1 say, `cpu.cfs_quota_us` and `cpu.cfs_period_us`; nil for a quota of -1, which is none.
    init?(quota: some StringProtocol, period: some StringProtocol) {
        guard let quota = Self.number(quota), let period = Self.number(period) else { return nil }
        cores = (quota - 1) / period + 1
    }

    private static func number(_ text: some StringProtocol) -> Int? {
        text.split(whereSeparator: \.isWhitespace).first.flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
    }

    /// The groups of cgroup v2 whose quotas bind a process, by its `/proc/self/cgroup`: its own, and each that holds that
    /// one. The last is the root of what it sees, which in a container has a quota too.
    static func groups(_ text: some StringProtocol) -> [Substring] {
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("0::/") }) else { return [""] }
        var group = Substring(line.dropFirst(3))
        if group == "/" { group = "" }
        var groups = [group]
        while let slash = group.lastIndex(of: "/") {
            group = group[..<slash]
            groups.append(group)
        }
        return groups
    }
}

// MARK: The files

extension CPUQuota {
    /// The least of the quotas that bind this process; nil without any.
    ///
    /// A file that cannot be read says nothing: a container may show the path of a group and not the group.
    static func current() -> CPUQuota? {
        let mount = "/sys/fs/cgroup"
        let read = KernelFile.text
        let quotas = groups(read("/proc/self/cgroup")).map { CPUQuota(max: read("\(mount)\($0)/cpu.max")) }
        let old = CPUQuota(quota: read("\(mount)/cpu/cpu.cfs_quota_us"), period: read("\(mount)/cpu/cpu.cfs_period_us"))
        return (quotas + [old]).compactMap(\.self).min { $0.cores < $1.cores }
    }
}
