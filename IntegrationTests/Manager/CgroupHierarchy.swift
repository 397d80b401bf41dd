import Foundation

/// Where the cgroup trees that systemd uses are mounted.
///
/// That is the cgroup2 tree, and beside it on hosts with version 1 controllers the `name=systemd` tree, in which
/// systemd-nspawn makes the same groups.
struct CgroupHierarchy: Equatable {
    /// A mount point of each tree; the machine gets a group of its own there.
    var directories: [String]

    /// Reads the content of `/proc/self/mountinfo` (proc_pid_mountinfo(5)).
    init(mountinfo: String) {
        directories = []
        var known: Set<Substring> = []
        for line in mountinfo.split(separator: "\n") {
            let halves = line.components(separatedBy: " - ")
            guard halves.count == 2 else { continue }
            let mount = halves[0].split(separator: " ")
            let fileSystem = halves[1].split(separator: " ")
            guard mount.count >= 5, let type = fileSystem.first, let options = fileSystem.last else { continue }
            let isNamed = type == "cgroup" && options.split(separator: ",").contains("name=systemd")
            // The device (major:minor) is the tree, which may be mounted in several places.
            guard type == "cgroup2" || isNamed, known.insert(mount[2]).inserted else { continue }
            directories.append(String(mount[4]))
        }
    }

    /// The trees of this process's mount namespace; one without a cgroup2 tree counts as having none.
    static func current() -> CgroupHierarchy {
        let text = (try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)) ?? ""
        var found = CgroupHierarchy(mountinfo: text)
        if !text.contains(" - cgroup2 ") { found.directories = [] }
        return found
    }
}
