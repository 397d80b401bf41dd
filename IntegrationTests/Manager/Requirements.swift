import Foundation
import Glibc

/// What a host must have to boot a private systemd, and how to get it.
package enum Requirements {
    private static let programs: [(name: String, package: String)] = [
        ("systemd-nspawn", "systemd-container"),
        ("systemd-run", "systemd"),
        ("journalctl", "systemd"),
        ("unshare", "util-linux"),
        ("nsenter", "util-linux"),
        ("setpriv", "util-linux"),
        ("mount", "mount (util-linux)"),
        ("find", "findutils"),
        ("env", "coreutils"),
    ]

    /// What is missing here, one line each; empty when a machine can be booted.
    package static func missing() -> [String] {
        var lines: [String] = []
        if geteuid() != 0 {
            lines.append("root is needed for namespaces and mounts: run it with sudo")
        }
        for program in programs where find(program.name) == nil {
            lines.append(
                "\(program.name) is not installed: apt install \(program.package), or your system's equivalent"
            )
        }
        let inits = ["/usr/lib/systemd/systemd", "/lib/systemd/systemd"]
        if !inits.contains(where: { access($0, X_OK) == 0 }) {
            lines.append("systemd itself is not installed: apt install systemd")
        }
        if !["dbus-daemon", "dbus-broker-launch"].contains(where: { find($0) != nil }) {
            lines.append("there is no D-Bus daemon: apt install dbus")
        }
        if CgroupHierarchy.current().directories.isEmpty {
            lines.append("no cgroup2 file system is mounted: mount -t cgroup2 cgroup2 /sys/fs/cgroup")
        }
        // The module is loaded by the first mount, so that its absence here proves nothing by itself.
        if let known = try? String(contentsOfFile: "/proc/filesystems", encoding: .utf8),
            !known.contains("\toverlay\n"),
            find("modprobe") == nil
        {
            lines.append("the kernel knows no overlay file system (CONFIG_OVERLAY_FS), and modprobe is not installed")
        }
        return lines
    }

    /// Where a program is: `PATH`, and the directories for administrators, which a user's `PATH` may lack.
    package static func find(_ program: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return (path.split(separator: ":").map(String.init) + ["/usr/sbin", "/sbin", "/usr/bin", "/bin"])
            .map { "\($0)/\(program)" }
            .first { access($0, X_OK) == 0 }
    }
}
