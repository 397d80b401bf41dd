/// Finds and loads the configuration, as often as asked: at the start, and again at each reload.
struct ConfigurationLoader: Sendable {
    /// The path of `--config`, or nil.
    var file: String?
    /// The process's environment as it was at the start.
    var environment: [String: String]
    /// The settings on the command line.
    var commandLine: [CommandLineSetting]

    /// Reads the file afresh and loads every source.
    ///
    /// - Throws: Every problem of every source.
    func load() throws(ConfigurationError) -> LoadedConfiguration {
        let file = ConfigurationFile.locate(option: file, environment: environment)
        return try ConfigurationSources(file: file, environment: environment, commandLine: commandLine).load()
    }
}
