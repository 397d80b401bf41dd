import ArgumentParser
import Foundation
import Glibc

/// What the sandbox scenario runs in the daemon's place: tries what must not be possible, and says what was.
struct ProbeSandbox: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe-sandbox",
        abstract: "Says what the sandbox that it runs in allows.",
        shouldDisplay: false
    )

    func run() throws {
        let families = [
            ("AF_INET", AF_INET), ("AF_INET6", AF_INET6), ("AF_NETLINK", AF_NETLINK), ("AF_PACKET", AF_PACKET),
            ("AF_UNIX", AF_UNIX),
        ]
        for (name, family) in families {
            let descriptor = socket(family, CInt(SOCK_DGRAM.rawValue), 0)
            say("socket \(name)", descriptor >= 0 ? "allowed" : "refused")
            close(descriptor)
        }
        let directories = Self.writableDirectories()
        say("writable directories", directories.sorted().joined(separator: " "))
        say("other processes", Self.otherProcesses().isEmpty ? "none" : "\(Self.otherProcesses())")
        say("signal PID 1", kill(1, 0) == 0 ? "allowed" : "refused")
        say("new namespace", Self.succeeds("/usr/bin/unshare", ["--user", "/bin/true"]) ? "allowed" : "refused")
        let memory = mmap(nil, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        say("writable and executable memory", memory == MAP_FAILED ? "refused" : "allowed")
        say("run a file it wrote", Self.runsOwnFile(in: directories) ? "allowed" : "refused")
        say("root", getuid() == 0 ? "yes" : "no")
    }

    private func say(_ name: String, _ value: String) { print("probe: \(name)=\(value)") }

    /// Where a file can be made: tried in every directory of each mount that is not read-only, and in those that are
    /// writable elsewhere. A read-only mount needs no walk: nothing below it can be written to (mount(8)).
    private static func writableDirectories() -> Set<String> {
        let usual = [
            "/", "/dev", "/dev/mqueue", "/dev/shm", "/etc", "/home", "/root", "/run", "/run/lock", "/usr", "/var",
        ]
        var found = Set(usual.filter(canMakeFile))
        let mounts = mounts()
        for mount in mounts where !mount.isReadOnly && !["/proc", "/sys"].contains(where: mount.isBelow) {
            let others = Set(mounts.map(\.path)).subtracting([mount.path])
            var queue = [mount.path]
            while let directory = queue.popLast() {
                if canMakeFile(in: directory) { found.insert(directory) }
                queue += subdirectories(of: directory).filter { !others.contains($0) }
            }
        }
        return found
    }

    private struct Mount {
        var path: String
        var isReadOnly: Bool

        func isBelow(_ other: String) -> Bool { path == other || path.hasPrefix(other + "/") }
    }

    /// This process's mounts (proc_pid_mountinfo(5)).
    private static func mounts() -> [Mount] {
        (FileText.read("/proc/self/mountinfo") ?? "").split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 5 else { return nil }
            return Mount(path: String(fields[4]), isReadOnly: fields[5].split(separator: ",").contains("ro"))
        }
    }

    private static func canMakeFile(in directory: String) -> Bool {
        let trial = directory == "/" ? "/.probe" : "\(directory)/.probe"
        let descriptor = open(trial, O_CREAT | O_EXCL | O_WRONLY, 0o600)
        guard descriptor >= 0 else { return false }
        close(descriptor)
        unlink(trial)
        return true
    }

    private static func subdirectories(of directory: String) -> [String] {
        let children = try? FileManager.default.contentsOfDirectory(
            at: URL(fileURLWithPath: directory),
            includingPropertiesForKeys: [.isDirectoryKey, .isSymbolicLinkKey]
        )
        return (children ?? []).filter { child in
            let values = try? child.resourceValues(forKeys: [.isDirectoryKey, .isSymbolicLinkKey])
            return values?.isDirectory == true && values?.isSymbolicLink != true
        }.map(\.path)
    }

    private static func otherProcesses() -> [String] {
        let own = "\(getpid())"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.filter { Int($0) != nil && $0 != own }
    }

    private static func succeeds(_ program: String, _ arguments: [String]) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    private static func runsOwnFile(in directories: Set<String>) -> Bool {
        directories.contains { directory in
            let path = "\(directory)/.probe-program"
            defer { unlink(path) }
            guard (try? FileManager.default.copyItem(atPath: "/bin/true", toPath: path)) != nil else { return false }
            chmod(path, 0o700)
            return succeeds(path, [])
        }
    }
}
