import ArgumentParser

/// `hellod check-config`: reads the configuration as `serve` would, and opens nothing.
struct CheckConfig: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check the configuration, and show it with where each setting comes from.",
        discussion:
            "Needs no service manager and opens no socket. Exits with 78, or 64 for the command line, if it is bad."
    )

    @OptionGroup(title: "Configuration") var options: ConfigurationOptions

    @Flag(help: "Print every setting with its default, as a configuration file, and check nothing.")
    var printDefaults = false

    func run() throws {
        if printDefaults {
            print(DaemonConfiguration.defaultsDocument)
            return
        }
        do {
            let loaded = try options.loader.load()
            for warning in loaded.warnings { StandardError.write("hellod: warning: \(warning)") }
            print("configuration OK")
            print(loaded.listing)
        } catch {
            for problem in error.problems { StandardError.write("hellod: \(problem)") }
            throw ExitCode(error.exitStatus.rawValue)
        }
    }
}
