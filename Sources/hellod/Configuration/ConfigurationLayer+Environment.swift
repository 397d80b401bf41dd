import Configuration

extension ConfigurationLayer {
    /// What the name of every variable of ours begins with.
    static let environmentPrefix = "HELLO_"
    /// The variable that names the configuration file, and is no setting.
    static let fileVariable = "HELLO_CONFIG"

    /// The settings in environment variables: `HELLO_GREETING_DELAY=250ms`, lists comma-separated.
    ///
    /// A variable that is not ours but looks so is a warning, not an error: an orchestrator may make up names, as
    /// Kubernetes does with `HELLO_PORT` for a service called "hello".
    init(environment: [String: String]) {
        let ours = environment.filter { $0.key.hasPrefix(Self.environmentPrefix) }
        guard !ours.isEmpty else { return }
        provider = EnvironmentVariablesProvider(environmentVariables: ours).prefixKeys(with: "hello")

        let known = DaemonConfiguration.settings.map(\.environmentVariable) + [Self.fileVariable]
        for name in ours.keys.sorted() where !known.contains(name) {
            let remedy = suggestion(for: name, among: known).map { " (did you mean \($0)?)" } ?? ""
            warnings.append("\(escaped(name, limit: 80)): no such setting, ignored" + remedy)
        }
    }
}
