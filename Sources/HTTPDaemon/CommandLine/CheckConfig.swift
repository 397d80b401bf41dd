import ArgumentParser
import ServiceSettings

/// `check-config`: reads the configuration as `serve` would, and opens nothing.
struct CheckConfig<D: Daemon>: ParsableCommand {
    static var configuration: CommandConfiguration {
        let program = D.identity.program
        return CommandConfiguration(
            commandName: "check-config",
            abstract: "Check the configuration, and show it with where each setting comes from.",
            usage: """
                \(program) check-config [<options>]
                \(program) check-config --unit <unit>
                \(program) check-config --print-defaults
                """,
            discussion: """
                Opens no socket. Exits with 78, or 64 for the command line, if it is bad. Without --unit it is read as for \
                this command's own environment and user, which need not be the service's. With it, a program, a file of \
                variables, a user or a group that is missing or closed to the service is bad, too.
                """
        )
    }

    @OptionGroup(title: "Configuration") var options: ConfigurationOptions

    @Option(
        help: ArgumentHelp(
            "Check what this unit would run with: its variables, files, arguments and user.",
            valueName: "unit"
        ),
        completion: .list(["\(D.identity.name).service"])
    )
    var unit: [String] = []

    @Flag(help: "Print every setting with its default, as a configuration file, and check nothing.")
    var printDefaults: Int

    private var schema: SettingsSchema<ServiceConfiguration<D.Settings>> {
        ServiceConfiguration<D.Settings>.schema(D.identity)
    }

    func validate() throws {
        if unit.count > 1 { throw ValidationError("--unit: given twice (give it once)") }
        if printDefaults > 1 { throw ValidationError("--print-defaults: given twice (give it once)") }
        if !unit.isEmpty, !options.settings.isEmpty || !options.config.isEmpty {
            throw ValidationError("--unit: the unit says what to run with (leave out the other options)")
        }
    }

    func run() throws {
        if printDefaults > 0 { return try StandardOutput.write(schema.defaultsDocument) }
        if let unit = unit.first { return try check(unit) }
        let loader = options.loader(schema)
        let loaded = try loader.loadOrTell()
        for warning in loaded.warnings { StandardError.tell("warning: \(warning)") }
        try StandardOutput.write("configuration OK\n\(loader.fileLine)\n\(schema.listing(of: loaded))")
    }

    /// Tells all that is wrong before it fails.
    private func check(_ unit: String) throws {
        do {
            let view = try ServiceView.ask(unit)
            let loader = try view.loader(D.self, schema)
            for warning in view.warnings { StandardError.tell("warning: \(escaped(warning))") }
            let obstacles = view.obstacles(to: loader.filePath, place: "/etc/\(D.identity.name)")
            for obstacle in obstacles { StandardError.tell(escaped(obstacle, limit: 4096)) }
            let loaded = try loader.loadOrTell()
            let daemon = loaded.configuration.daemon
            let late = view.stopWarning(lameDuck: daemon.lameDuck, drainTimeout: daemon.drainTimeout)
            for warning in loaded.warnings + (late.map { [$0] } ?? []) { StandardError.tell("warning: \(warning)") }
            guard obstacles.isEmpty else { throw ExitCode(ExitStatus.configuration.rawValue) }
            try StandardOutput.write(
                "configuration OK\n\(sources(of: view, loader.fileLine))\n\(schema.listing(of: loaded))"
            )
        } catch let problem as ServiceView.Problem {
            StandardError.tell("\(escaped(problem.line))")
            throw ExitCode(problem.status.rawValue)
        }
    }

    /// Where the settings of a unit come from.
    private func sources(of view: ServiceView, _ file: String) -> String {
        let variables = view.environment.keys.filter { $0.hasPrefix(D.identity.environmentPrefix) }
        return [
            "unit: \(view.files.isEmpty ? view.name : view.files.joined(separator: ", "))",
            "environment files: \(list(view.environmentFiles))", "variables: \(list(variables.sorted()))",
            "arguments: \(list(Array(view.command.dropFirst())))", file,
        ].map { escaped($0, limit: 4096) }.joined(separator: "\n")
    }

    private func list(_ words: [String]) -> String { words.isEmpty ? "none" : words.joined(separator: " ") }
}
