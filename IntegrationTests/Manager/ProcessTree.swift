import Foundation

/// The processes of this host as `/proc` shows them.
enum ProcessTree {
    /// The process that is PID 1 of a PID namespace nested in the one whose first process `supervisor` started:
    /// the systemd that systemd-nspawn runs.
    static func systemd(below supervisor: pid_t) -> pid_t? {
        let depth = namespaces(of: supervisor)
        var found = [supervisor]
        var parents = parents()
        while let next = found.popLast() {
            for child in parents.removeValue(forKey: next) ?? [] {
                let identifiers = identifiersInNamespaces(of: child)
                if identifiers.count == depth + 2, identifiers.last == 1, hasSystemdsSocket(child) { return child }
                found.append(child)
            }
        }
        return nil
    }

    /// Whether the systemd with this identifier can be asked for something.
    private static func hasSystemdsSocket(_ identifier: pid_t) -> Bool {
        FileManager.default.fileExists(atPath: "/proc/\(identifier)/root/run/systemd/private")
    }

    private static func namespaces(of identifier: pid_t) -> Int {
        identifiersInNamespaces(of: identifier).count
    }

    /// A process's identifier in each PID namespace it is in, outermost first (`NSpid`, proc_pid_status(5)).
    private static func identifiersInNamespaces(of identifier: pid_t) -> [pid_t] {
        guard let status = try? String(contentsOfFile: "/proc/\(identifier)/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("NSpid:") })
        else { return [] }
        return line.dropFirst("NSpid:".count).split(separator: "\t").compactMap { pid_t($0) }
    }

    private static func parents() -> [pid_t: [pid_t]] {
        var children: [pid_t: [pid_t]] = [:]
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let identifier = pid_t(name),
                let stat = try? String(contentsOfFile: "/proc/\(identifier)/stat", encoding: .utf8),
                let parent = parent(inStat: stat)
            else { continue }
            children[parent, default: []].append(identifier)
        }
        return children
    }

    /// The parent's identifier in a line of `/proc/<pid>/stat`. The name before it may hold anything, `)` included.
    static func parent(inStat stat: String) -> pid_t? {
        guard let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        return fields.count > 1 ? pid_t(fields[1]) : nil
    }
}
