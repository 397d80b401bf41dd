import Foundation

/// The inotify instances of root on this host, which all its machines share (inotify(7)).
///
/// What fails for the lack of one seldom says so.
enum InotifyLimit {
    /// What a machine takes: its systemd, its journald, its D-Bus and others have one or two each.
    static let machine = 7

    /// What to say with a machine that did not boot, where there was no room for one; `nil` where there was.
    static func advice() -> String? {
        let file = "/proc/sys/fs/inotify/max_user_instances"
        guard let text = try? String(contentsOfFile: file, encoding: .utf8),
            let limit = Int(text.trimmingCharacters(in: .whitespacesAndNewlines))
        else { return nil }
        return advice(inUse: inUse(), of: limit)
    }

    static func advice(inUse: Int, of limit: Int) -> String? {
        guard inUse + machine > limit else { return nil }
        return "\(inUse) of fs.inotify.max_user_instances=\(limit) are in use, and a machine takes \(machine): "
            + "run fewer at once, or raise it with sysctl"
    }

    /// How many there are in all of root's processes that this one sees.
    static func inUse() -> Int {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { pid_t($0) }.reduce(0) {
            let attributes = try? FileManager.default.attributesOfItem(atPath: "/proc/\($1)")
            return $0 + (attributes?[.ownerAccountID] as? NSNumber == 0 ? inUse(by: $1) : 0)
        }
    }

    /// How many a process has. One that was inherited is one, but which are is not told; those who have any have them to
    /// themselves.
    static func inUse(by process: pid_t) -> Int {
        let directory = "/proc/\(process)/fd"
        return ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).count {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(directory)/\($0)")) == "anon_inode:inotify"
        }
    }
}
