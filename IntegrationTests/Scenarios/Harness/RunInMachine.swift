import ArgumentParser
import SystemdTestKit

/// Boots a machine and runs one command in it: to look around, or to try something out.
struct RunInMachine: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "machine",
        abstract: "Boots a private systemd and runs a command in it as a unit."
    )

    @Option(help: "Boot the systemd of this Debian, of this tree, or of the host.")
    var systemd = ChosenSystemd.host

    @Flag(help: "Keep the machine afterwards until Enter is pressed, and say how to enter it.")
    var stay = false

    @Argument(parsing: .captureForPassthrough, help: "The command and its arguments.")
    var command: [String]

    func run() async throws {
        let arguments = command.first == "--" ? Array(command.dropFirst()) : command
        let result = await Interruption.run {
            let terminal = Terminal()
            let root = try await systemd.root(refresh: false, terminal)
            terminal.finish()
            return try await PrivateMachine.with(label: "machine", root: root) { tree in
                try await MachineFiles.write(to: tree)
            } body: { machine in
                let status = try await machine.run(arguments, timeout: nil) { stream, line in
                    Output.write(line + "\n", to: stream == .output ? 1 : 2)
                }.status
                if stay { await machine.stay() }
                return status
            }
        }
        switch try result.get() {
        case .exited(let status): throw ExitCode(status)
        case .signalled(let signal): throw ExitCode(128 + signal)
        case .timedOut: throw ExitCode.failure
        }
    }
}
