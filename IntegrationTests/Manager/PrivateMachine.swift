import Foundation
import Glibc

/// A systemd of its own, PID 1 of its own namespaces, on a copy-on-write view of this host's root or of another tree.
///
/// It has its own journald, D-Bus, cgroup tree and network (loopback only). Nothing it does reaches the host, and it
/// leaves nothing there: however this process ends, a supervisor takes the machine down.
public struct PrivateMachine: Machine {
    /// How long setting up and booting may take together, without what is installed in between.
    package static let bootTimeout: Duration = .seconds(60)

    /// Its name: in its host name, and in those of its cgroups.
    public let name: String
    /// The nsenter(1) command that leads into it.
    public let entry: [String]
    /// How long it took from the first process to a finished boot, without what was installed in between.
    package let bootTime: Duration
    /// What `systemctl is-system-running` said after the boot: `running`, or `degraded` when a unit failed.
    package let state: String

    private let supervisor: Supervisor
    /// Its systemd, as this host numbers it.
    let systemd: pid_t

    /// What was last said on the machine's console.
    public var console: String { supervisor.console }

    /// The machine's root as this host sees it: for reading out what the machine has written.
    ///
    /// An absolute symbolic link in it leads to the host's files, so that nothing should be written through it.
    public var root: String { "/proc/\(systemd)/root" }

    /// The file of its network namespace, for a load client that connects as if it were in it.
    public var network: String { "/proc/\(systemd)/ns/net" }

    /// Ends everything in it at once, as a power failure does. Nothing can be asked of it afterwards but its ``console``.
    ///
    /// The kernel still closes its connections; ``MachineNetwork/unplug(_:)`` before keeps the others from being told.
    /// - Throws: ``WaitedInVain`` when something of it lives on, and `CancellationError`.
    public func powerOff() async throws {
        supervisor.kill(systemd)
        try await supervisor.ended()
    }

    /// Boots a machine, runs `body` against it, and takes it down, whatever happens.
    ///
    /// - Parameters:
    ///   - label: The first part of its name; the rest makes it unlike any other's.
    ///   - root: Whose files it sees, and whose systemd it boots.
    ///   - bootTimeout: How long setting it up and booting it may take together, without `prepare`.
    ///   - prepare: Puts files into its tree before it boots.
    ///   - body: What to do with it.
    /// - Throws: ``MachineError``, and what `prepare` and `body` throw.
    package static func with<Result>(
        label: String = "machine",
        root: MachineRoot = .host,
        bootTimeout: Duration = Self.bootTimeout,
        prepare: (MachineTree) async throws -> Void,
        body: (PrivateMachine) async throws -> Result
    ) async throws -> Result {
        let missing = Requirements.missing()
        guard missing.isEmpty else { throw MachineError.missing(missing) }
        let name = try name(labelled: label)
        let supervisor = try Supervisor(name: name, root: root, cgroups: CgroupHierarchy.current().directories)
        do {
            let machine = try await booted(name, supervisor, within: bootTimeout, prepare)
            let result = try await body(machine)
            await supervisor.stop()
            return result
        } catch {
            await supervisor.stop()
            throw error
        }
    }

    private static func booted(
        _ name: String,
        _ supervisor: Supervisor,
        within bootTimeout: Duration,
        _ prepare: (MachineTree) async throws -> Void
    ) async throws -> PrivateMachine {
        do {
            return try await boot(name, supervisor, within: bootTimeout, prepare)
        } catch let error as MachineError {
            throw error.naming(InotifyLimit.advice())
        }
    }

    private static func boot(
        _ name: String,
        _ supervisor: Supervisor,
        within bootTimeout: Duration,
        _ prepare: (MachineTree) async throws -> Void
    ) async throws -> PrivateMachine {
        let clock = ContinuousClock()
        let started = clock.now
        var deadline = Deadline(in: bootTimeout)
        let namespaces = try await supervisor.value(of: "its mounts", by: deadline) { () -> pid_t? in
            guard let process = supervisor.machine, access("/proc/\(process)/root/run/machine/go", F_OK) == 0 else {
                return nil
            }
            return process
        }
        let setUp = clock.now
        try await prepare(MachineTree(process: namespaces))
        let prepared = clock.now
        deadline.extend(by: prepared - setUp)
        try await supervisor.value(of: "its first process", by: deadline) { supervisor.letGo(namespaces) }
        let systemd = try await supervisor.value(of: "systemd answered", by: deadline) {
            ProcessTree.systemd(below: namespaces)
        }
        let entry = [
            "nsenter", "--target", "\(systemd)", "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--",
        ]
        let question = Command(entry + ["systemctl", "is-system-running", "--wait"], timeout: deadline.left)
        let answer = try await question.run()
        if case .timedOut = answer.status {
            let reason = "\(deadline.limit) were over before its units had started"
            throw MachineError.bootFailed(reason: reason, console: supervisor.console)
        }
        guard ["running", "degraded"].contains(answer.trimmed) else {
            let reason = "systemd says '\(answer.trimmed)' \(answer.error)"
            throw MachineError.bootFailed(reason: reason, console: supervisor.console)
        }
        return PrivateMachine(
            name: name,
            entry: entry,
            bootTime: (setUp - started) + (clock.now - prepared),
            state: answer.trimmed,
            supervisor: supervisor,
            systemd: systemd
        )
    }
}
