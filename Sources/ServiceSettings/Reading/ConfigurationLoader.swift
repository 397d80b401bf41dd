/// Finds and loads the configuration, as often as asked: at the start, and again at each reload.
package struct ConfigurationLoader<Root: Sendable>: Sendable {
    /// Every setting that there is.
    package let schema: SettingsSchema<Root>
    /// The path of `--config`, or nil.
    package let file: String?
    /// The process's environment as it was at the start.
    package let environment: [String: String]
    /// The settings on the command line.
    package let commandLine: [CommandLineSetting]

    package init(
        _ schema: SettingsSchema<Root>,
        file: String? = nil,
        environment: [String: String],
        commandLine: [CommandLineSetting]
    ) {
        self.schema = schema
        self.file = file
        self.environment = environment
        self.commandLine = commandLine
    }

    /// Reads the file afresh and loads every source.
    ///
    /// - Throws: Every problem of every source.
    package func load() throws(ConfigurationError) -> LoadedConfiguration<Root> {
        let file = ConfigurationFile.locate(option: file, environment: environment, names: schema.names)
        return try ConfigurationSources(file: file, environment: environment, commandLine: commandLine).load(schema)
    }

    /// Where the file is looked for.
    package var filePath: String { file ?? environment[schema.names.fileVariable] ?? schema.names.defaultFile }

    /// Which file is read, if any, in a line for people.
    package var fileLine: String {
        if case .none = ConfigurationFile.locate(option: file, environment: environment, names: schema.names) {
            return "file: none (there is no \(schema.names.defaultFile))"
        }
        return "file: \(escaped(filePath))"
    }
}
