import ArgumentParser
import Glibc
import JournalLogging

/// The program.
@main
struct Hellod: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hellod",
        abstract: "An HTTP greeting daemon that belongs to systemd.",
        usage: "hellod [<command>] [<options>]",
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
    /// In place of ArgumentParser's own, which tells a wrong command line in three lines (a service's log wants one), and
    /// takes an argument vector that cannot be read for an empty one.
    static func main() {
        guard StandardDescriptors.reserve() else { Glibc.exit(ExitStatus.system.rawValue) }
        Glibc.exit(exitCode(running: CommandLine.arguments).rawValue)
    }

    private static func exitCode(running vector: [String]) -> ExitCode {
        // Swift finds it on the stack, which takes /proc/self/maps and an environment that nobody has moved.
        guard !vector.isEmpty else {
            return UsageError.report(
                "the command line cannot be read: /proc is missing, or a library that was preloaded has changed the "
                    + "environment"
            )
        }
        do {
            try perform(Array(vector.dropFirst()))
            return .success
        } catch {
            return exitCode(telling: error)
        }
    }

    private static func perform(_ arguments: [String]) throws {
        // What the unit runs. To find it among all commands and options would be a fifth of a start.
        if arguments == ["serve"] {
            let environment = ProcessEnvironment.variables
            return try ServeCommand.perform(loader: .init(environment: environment, commandLine: []))
        }
        try CommandName.check(arguments)
        var command = try parseAsRoot(arguments)
        try command.run()
    }

    /// Tells of an error what has not been told, and returns what to exit with.
    private static func exitCode(telling error: any Error) -> ExitCode {
        // One is thrown where everything has been said.
        if let code = error as? ExitCode { return code }
        if let error = error as? UsageError { return UsageError.report(error.line) }
        let code = exitCode(for: error)
        // Help, the version and the like come as errors, too.
        let text = code == .validationFailure ? message(for: error) : fullMessage(for: error)
        guard code == .success else { return UsageError.report(text) }
        do {
            if !text.isEmpty { try StandardOutput.write(text) }
            return code
        } catch {
            return exitCode(telling: error)
        }
    }
}

/// The word that names a command.
enum CommandName {
    private static let all = Hellod.configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]

    /// Looks whether it names one, since ArgumentParser takes it for the default command's argument, or shows help.
    static func check(_ arguments: [String]) throws(UsageError) {
        let isHelp = arguments.first == "help"
        let words = isHelp ? arguments.dropFirst() : arguments.prefix(1)
        for word in words where !word.hasPrefix("-") && !all.contains(word) {
            let remedy = suggestion(for: word, among: all).map { "; did you mean \($0)?" } ?? ""
            throw UsageError(line: "there is no command \(quoted(word))\(remedy)")
        }
    }
}

/// A wrong command line: of a person's at a terminal, or of a unit's `ExecStart=`.
struct UsageError: Error {
    /// What is wrong, in one line that is safe to print.
    let line: String

    /// Tells it wherever a start that fails is told. The message may quote what was typed, so it is escaped.
    static func report(_ message: String) -> ExitCode {
        let failure = StartFailure(UsageError(line: "\(escaped(message)) (see hellod --help)"))
        return failure.report(pipeline: try? LogPipeline(identifier: "hellod"))
    }
}
