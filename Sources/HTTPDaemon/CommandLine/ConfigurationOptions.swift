import ArgumentParser
import JournalLogging
import Logging
import ServiceSettings

/// The options that say how to run, shared by every command that loads the configuration.
///
/// Each option of its own is the setting's key with dashes; every other setting is within reach of `--set`.
/// Values are read by the settings and not here, so that an error text is the same wherever a value comes from. Each
/// option is a list, so that one that is given twice is noticed.
struct ConfigurationOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Read the configuration from this file.", valueName: "file"), completion: .file())
    var config: [String] = []

    @Option(
        help: ArgumentHelp("Listen here; repeatable: 127.0.0.1:8080, [::1]:8080, unix:/path.", valueName: "address")
    )
    var listen: [String] = []

    @Option(help: ArgumentHelp("Serve /metrics here; repeatable.", valueName: "address"))
    var adminListen: [String] = []

    @Option(
        help: ArgumentHelp(
            "Log from this level on: trace, debug, info, notice, warning, error or critical.",
            valueName: "level"
        ),
        completion: .words(Logger.Level.self)
    )
    var logLevel: [String] = []

    @Option(
        help: ArgumentHelp("Log as: auto, journal, text or json.", valueName: "format"),
        completion: .words(LogFormat.self)
    )
    var logFormat: [String] = []

    @Option(
        help: ArgumentHelp("Log these requests: all, no_probes, errors or off.", valueName: "which"),
        completion: .words(AccessLog.self)
    )
    var logAccess: [String] = []

    @Option(help: ArgumentHelp("Wait at most so long for requests in work on a stop.", valueName: "duration"))
    var drainTimeout: [String] = []

    @Option(
        help: ArgumentHelp(
            "Exit after so long without a connection, if socket-activated; or off.",
            valueName: "duration"
        )
    )
    var idleExit: [String] = []

    @Option(name: .customLong("set"), help: ArgumentHelp("Set any setting; repeatable.", valueName: "key=value"))
    var assignments: [String] = []

    /// The settings that the options give.
    var settings: [CommandLineSetting] {
        let options: [(key: String, texts: [String])] = [
            ("listen", listen), ("admin_listen", adminListen), ("log.level", logLevel),
            ("log.format", logFormat), ("log.access", logAccess), ("drain_timeout", drainTimeout),
            ("idle_exit", idleExit),
        ]
        let given = options.filter { !$0.texts.isEmpty }.map { key, texts in
            let option = "--" + key.replacing(".", with: "-").replacing("_", with: "-")
            return CommandLineSetting(option: option, key: key, texts: texts)
        }
        return given + Self.own(assignments)
            + assignments.filter { !$0.contains(OwnOptions.mark) }.map(CommandLineSetting.set)
    }

    func validate() throws {
        if config.count > 1 { throw ValidationError("--config: given twice (give it once)") }
    }

    /// Those of a daemon's own, which came with the name of their option.
    private static func own(_ assignments: [String]) -> [CommandLineSetting] {
        var settings: [CommandLineSetting] = []
        for text in assignments {
            guard let end = text.lastIndex(of: OwnOptions.mark), let equals = text.firstIndex(of: "=") else { continue }
            let (option, key) = (String(text[text.index(after: end)...]), String(text[..<equals]))
            let value = String(text[text.index(after: equals)..<end])
            if let index = settings.firstIndex(where: { $0.option == option }) {
                settings[index].texts.append(value)
            } else {
                settings.append(CommandLineSetting(option: option, key: key, texts: [value]))
            }
        }
        return settings
    }

    /// What loads the configuration for this command line.
    func loader<Root>(
        _ schema: SettingsSchema<Root>,
        environment: [String: String] = ProcessEnvironment.variables
    ) -> ConfigurationLoader<Root> {
        ConfigurationLoader(schema, file: config.first, environment: environment, commandLine: settings)
    }
}

extension CompletionKind {
    /// The words of an enumeration.
    fileprivate static func words<Word>(_ type: Word.Type) -> CompletionKind
    where Word: CaseIterable & RawRepresentable, Word.RawValue == String {
        .list(type.allCases.map(\.rawValue))
    }
}

extension ConfigurationLoader {
    /// Loads the configuration for a command that needs it, or tells what is wrong with it.
    func loadOrTell() throws -> LoadedConfiguration<Root> {
        do {
            return try load()
        } catch {
            for problem in error.problems { StandardError.tell("\(problem)") }
            throw ExitCode(error.exitStatus.rawValue)
        }
    }
}
