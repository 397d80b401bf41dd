import ArgumentParser
import JournalLogging

/// The program.
@main
struct Hellod: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hellod",
        abstract: "An HTTP greeting daemon that belongs to systemd.",
        discussion: """
            Listeners come from the service manager if it passes any, else from --listen or the configuration, else \
            127.0.0.1:8080 is used.

            Settings are taken from the configuration file (--config, else $HELLO_CONFIG, else \
            /etc/hello/hello.yaml if it exists), from environment variables such as HELLO_GREETING_DELAY, and from \
            the command line; later ones win. `hellod check-config --print-defaults` describes them all.

            Exit status: 0, or 64 for a wrong command line, 78 for a wrong configuration, 71 for a socket or another \
            part of the system that cannot be used.
            """,
        version: "hellod \(version)",
        subcommands: [Serve.self, CheckConfig.self, OpenAPI.self, Reload.self],
        defaultSubcommand: Serve.self
    )

    /// The version of this program.
    static let version = "0.1.0"

    /// Runs the command that the arguments name.
    ///
    /// In place of ArgumentParser's own, which tells a wrong command line in three lines: a service's log wants one.
    static func main() {
        do {
            // What the unit runs. To find it among all commands and options would be a fifth of a start.
            if CommandLine.arguments.dropFirst() == ["serve"] {
                let environment = ProcessEnvironment.variables
                return try ServeCommand.perform(loader: .init(environment: environment, commandLine: []))
            }
            var command = try parseAsRoot()
            try command.run()
        } catch {
            // An `ExitCode` is thrown where everything has been said.
            guard !(error is ExitCode), exitCode(for: error) == .validationFailure else { exit(withError: error) }
            UsageError.report(message(for: error))
            exit(withError: ExitCode(ExitStatus.usage.rawValue))
        }
    }
}

/// A wrong command line: of a person's at a terminal, or of a unit's `ExecStart=`.
struct UsageError: Error {
    /// What is wrong, in one line that is safe to print.
    let line: String

    /// Tells it wherever a start that fails is told. The message may quote what was typed, so it is escaped.
    static func report(_ message: String) {
        let failure = StartFailure(UsageError(line: "\(escaped(message)) (see hellod --help)"))
        _ = failure.report(pipeline: try? LogPipeline(identifier: "hellod"))
    }
}
