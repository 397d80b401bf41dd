import ArgumentParser
import Glibc
import JournalLogging
import ServiceSettings

/// The program of a daemon: its commands, and what becomes of their errors.
struct DaemonProgram<D: Daemon>: ParsableCommand {
    static var configuration: CommandConfiguration {
        let identity = D.identity
        let schema = ServiceConfiguration<D.Settings>.schema(identity)
        let example = schema.names.example.map { $0.prefix { $0 != "=" } } ?? ""
        return CommandConfiguration(
            commandName: identity.program,
            abstract: identity.summary.isEmpty
                ? "A daemon that belongs to systemd."
                : "\(identity.summary.hasSuffix(".") ? String(identity.summary.dropLast()) : identity.summary), as a daemon that "
                    + "belongs to systemd.",
            usage: "\(identity.program) [<command>] [<options>]",
            discussion: """
                Listeners come from the service manager if it passes any, else from --listen or the configuration, else \
                127.0.0.1:8080 is used.

                Settings are taken from the configuration file (--config, else $\(schema.names.fileVariable), else \
                \(schema.names.defaultFile) if it exists), from environment variables such as \(example), and from \
                the command line; later ones win. `\(identity.program) check-config --print-defaults` describes them all.

                Exit status: 0, or 64 for a wrong command line, 78 for a wrong configuration, 71 for a socket or another \
                part of the system that cannot be used.
                """,
            version: "\(identity.program) \(identity.version)",
            subcommands: [
                Serve<D>.self, CheckConfig<D>.self, OpenAPICommand<D>.self, Reload<D>.self, Units<D>.self,
            ],
            defaultSubcommand: Serve<D>.self
        )
    }

    /// Runs the command that the arguments name.
    ///
    /// In place of ArgumentParser's own, which tells a wrong command line in three lines (a service's log wants one), and
    /// takes an argument vector that cannot be read for an empty one.
    static func main() {
        StandardError.setProgram(D.identity.program)
        guard StandardDescriptors.reserve() else { Glibc.exit(ExitStatus.system.rawValue) }
        Glibc.exit(exitCode(running: CommandLine.arguments).rawValue)
    }

    private static func exitCode(running vector: [String]) -> ExitCode {
        // Swift finds it on the stack, which takes /proc/self/maps and an environment that nobody has moved.
        guard !vector.isEmpty else {
            return UsageError.report(
                "the command line cannot be read: /proc is missing, or a library that was preloaded has changed the "
                    + "environment",
                D.identity
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
        let schema = ServiceConfiguration<D.Settings>.schema(D.identity)
        // What the unit runs. To find it among all commands and options would be a fifth of a start.
        if arguments == ["serve"] {
            let environment = ProcessEnvironment.variables
            return try ServeCommand<D>.perform(loader: .init(schema, environment: environment, commandLine: []))
        }
        try CommandName.check(arguments, among: configuration.subcommands)
        var command = try advised(arguments) { try parse(arguments, schema) }
        try command.run()
    }

    /// Says what to give in the place of what is likely to be given, and is not known.
    private static func advised<Result>(_ arguments: [String], _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            guard exitCode(for: error) == .validationFailure else { throw error }
            let text = message(for: error)
            guard let advice = CommandLineAdvice(text, arguments) else { throw error }
            throw UsageError(line: "\(text); \(advice.text)")
        }
    }

    /// Reads a command line.
    static func parse(
        _ arguments: [String],
        _ schema: SettingsSchema<ServiceConfiguration<D.Settings>>
    ) throws -> any ParsableCommand {
        try parseAsRoot(OwnOptions.translate(arguments, D.Settings.settings.map { ($0.key, $0.option) }))
    }

    /// Tells of an error what has not been told, and returns what to exit with.
    private static func exitCode(telling error: any Error) -> ExitCode {
        // One is thrown where everything has been said.
        if let code = error as? ExitCode { return code }
        if let error = error as? UsageError { return UsageError.report(error.line, D.identity) }
        let code = exitCode(for: error)
        // Help, the version and the like come as errors, too.
        let text = code == .validationFailure ? message(for: error) : fullMessage(for: error)
        guard code == .success else { return UsageError.report(text, D.identity) }
        do {
            if !text.isEmpty { try StandardOutput.write(text) }
            return code
        } catch {
            return exitCode(telling: error)
        }
    }
}

/// The options of settings of a daemon's own: `--greeting-delay 1s` is read as `--set greeting.delay=1s` is.
enum OwnOptions {
    /// What stands before the option that a setting came from, so that an error can name it.
    static let mark: Character = "\u{1f}"

    /// Writes them as `--set`, with the option's name behind.
    static func translate(_ arguments: [String], _ settings: [(key: String, option: String)]) -> [String] {
        var result: [String] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--" { return result + [argument] + rest }
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let setting = settings.first(where: { $0.option == String(parts[0]) }) else {
                result.append(argument)
                continue
            }
            guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst() else {
                // ArgumentParser says what is missing, of an option that it knows.
                result.append("--set")
                continue
            }
            // Behind the value, which would be taken for an option with it in front.
            result += ["--set", "\(setting.key)=\(value)\(mark)\(setting.option)"]
        }
        return result
    }
}

/// The word that names a command.
enum CommandName {
    /// Looks whether it names one, since ArgumentParser takes it for the default command's argument, or shows help.
    static func check(_ arguments: [String], among commands: [any ParsableCommand.Type]) throws(UsageError) {
        let all = commands.compactMap { $0.configuration.commandName } + ["help"]
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
    static func report(_ message: String, _ identity: Identity) -> ExitCode {
        let failure = StartFailure(UsageError(line: "\(escaped(message)) (see \(identity.program) --help)"))
        return failure.report(pipeline: try? LogPipeline(identifier: identity.program))
    }
}
