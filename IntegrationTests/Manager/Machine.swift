/// A running systemd to test against.
public protocol Machine: Sendable {
    /// What goes before a command so that it runs there: empty for the host.
    var entry: [String] { get }

    /// Its name: in its host name, and in those of its cgroups.
    var name: String { get }
}

extension Machine {
    /// A command that runs in the machine's namespaces, outside any unit: for quick questions such as `systemctl show`.
    public func command(_ arguments: [String], input: Command.Input = .none, timeout: Duration? = .seconds(30))
        -> Command
    {
        var command = Command(entry + arguments, input: input, timeout: timeout)
        if !entry.isEmpty { command.title = "\(Command.title(of: arguments)) (in \(name))" }
        return command
    }

    /// Runs a command as a transient unit of the machine's systemd and waits for its end.
    ///
    /// When its time is up or the task is cancelled, the unit is stopped, and is gone when this returns. It has five seconds
    /// for that, or what `TimeoutStopSec=` in `properties` gives it, before it is killed.
    ///
    /// - Parameters:
    ///   - arguments: The program and its arguments, as found in the machine.
    ///   - unit: The name of the unit (with `.service`); `nil` is one that no other has.
    ///   - properties: Unit settings as `systemd-run --property=` takes them, such as `LimitNOFILE=20000`.
    ///   - connectsStreams: Whether its streams lead to the caller; else its output goes to the journal.
    ///   - environment: Variables for the command, besides systemd's own.
    ///   - input: What it reads, where its streams lead to the caller.
    ///   - timeout: How long it may take; `nil` is for ever.
    ///   - onLine: Called with each line of its output as it comes.
    /// - Returns: How it ended: its own exit status, as `systemd-run --wait` carries it out.
    /// - Throws: ``CommandError/cannotStart(command:reason:)``, or `CancellationError`.
    public func run(
        _ arguments: [String],
        unit: String? = nil,
        properties: [String] = [],
        connectsStreams: Bool = true,
        environment: [String: String] = [:],
        input: Command.Input = .none,
        timeout: Duration? = .seconds(60),
        onLine: (@Sendable (Command.Stream, String) -> Void)? = nil
    ) async throws -> CommandResult {
        let unit = unit ?? "run-\(String(UInt64.random(in: 0...(.max)), radix: 16)).service"
        var command = entry + ["systemd-run", "--wait", "--collect", "--quiet", "--unit=\(unit)"]
        if connectsStreams { command.append("--pipe") }
        let isPatient = properties.contains { $0.hasPrefix("TimeoutStopSec=") }
        command += (isPatient ? properties : ["TimeoutStopSec=5s"] + properties).map { "--property=\($0)" }
        command += environment.sorted { $0.key < $1.key }.map { "--setenv=\($0.key)=\($0.value)" }
        do {
            let result = try await Command(command + ["--"] + arguments, input: input, timeout: timeout, onLine: onLine)
                .run()
            // Only systemd-run was killed.
            if case .timedOut = result.status { await abandon(unit) }
            return result
        } catch let error as CancellationError {
            await abandon(unit)
            throw error
        }
    }

    /// Stops a unit that nobody waits for any more. A machine that does not answer keeps it.
    private func abandon(_ unit: String) async {
        // In a task that is neither cancelled nor out of time.
        await Task.detached {
            _ = try? await command(["systemctl", "stop", "--", unit], timeout: .seconds(60)).run()
        }.value
    }
}
