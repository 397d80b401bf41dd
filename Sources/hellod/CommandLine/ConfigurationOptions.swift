import ArgumentParser

/// The options that say how to run, shared by every command that loads the configuration.
///
/// Each option of its own is the setting's key with dashes; every other setting is within reach of `--set`.
/// Values are read by the settings and not here, so that an error text is the same wherever a value comes from. Each
/// option is a list, so that one that is given twice is noticed.
struct ConfigurationOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Read the configuration from this file.", valueName: "file"))
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
        )
    )
    var logLevel: [String] = []

    @Option(help: ArgumentHelp("Log as: auto, journal, text or json.", valueName: "format"))
    var logFormat: [String] = []

    @Option(help: ArgumentHelp("Log these requests: all, no_probes, errors or off.", valueName: "which"))
    var logAccess: [String] = []

    @Option(help: ArgumentHelp("Wait so long before a greeting: 0.25, 250ms, 1s.", valueName: "duration"))
    var greetingDelay: [String] = []

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
            ("log.format", logFormat), ("log.access", logAccess), ("greeting.delay", greetingDelay),
            ("drain_timeout", drainTimeout), ("idle_exit", idleExit),
        ]
        let given = options.filter { !$0.texts.isEmpty }.map { key, texts in
            let option = "--" + key.replacing(".", with: "-").replacing("_", with: "-")
            return CommandLineSetting(option: option, key: key, texts: texts)
        }
        return given + assignments.map(CommandLineSetting.set)
    }

    func validate() throws {
        if config.count > 1 { throw ValidationError("--config: given twice (give it once)") }
    }

    /// What loads the configuration for this command line and this process's environment.
    var loader: ConfigurationLoader { loader(environment: ProcessEnvironment.variables) }

    /// What loads it for another environment.
    func loader(environment: [String: String]) -> ConfigurationLoader {
        ConfigurationLoader(file: config.first, environment: environment, commandLine: settings)
    }
}

extension ConfigurationLoader {
    /// Loads the configuration for a command that needs it, or tells what is wrong with it.
    func loadOrTell() throws -> LoadedConfiguration {
        do {
            return try load()
        } catch {
            for problem in error.problems { StandardError.write("hellod: \(problem)") }
            throw ExitCode(error.exitStatus.rawValue)
        }
    }
}
