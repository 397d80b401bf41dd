import Configuration

extension ConfigurationLayer {
    /// The settings in environment variables: `HELLO_GREETING_DELAY=250ms`, lists comma-separated.
    ///
    /// A variable that is not ours but looks so is a warning, not an error: an orchestrator may make up names, as
    /// Kubernetes does with `HELLO_PORT` for a service called "hello".
    init<Root>(environment: [String: String], _ schema: SettingsSchema<Root>) {
        let prefix = schema.names.environmentPrefix
        let ours = environment.filter { $0.key.hasPrefix(prefix) }
        guard !ours.isEmpty else { return }
        provider = EnvironmentVariablesProvider(environmentVariables: ours).prefixKeys(
            with: ConfigKey([prefix.dropLast().lowercased()])
        )

        let known = schema.settings.map(schema.variable) + [schema.names.fileVariable]
        for name in ours.keys.sorted() where !known.contains(name) {
            let remedy = suggestion(for: name, among: known).map { " (did you mean \($0)?)" } ?? ""
            warnings.append("\(escaped(name, limit: 80)): no such setting, ignored" + remedy)
        }
    }
}
