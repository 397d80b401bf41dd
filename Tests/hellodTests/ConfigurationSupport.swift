@testable import hellod

/// Loads a file's text, an environment and a command line as the daemon would.
func load(
    yaml: String? = nil,
    environment: [String: String] = [:],
    _ commandLine: CommandLineSetting...
) throws(ConfigurationError) -> LoadedConfiguration {
    let file = yaml.map { ConfigurationFile.text($0, name: "hello.yaml") } ?? .none
    return try ConfigurationSources(file: file, environment: environment, commandLine: commandLine).load()
}

/// The problems of a configuration as lines; none if it is good.
func problems(
    yaml: String? = nil,
    environment: [String: String] = [:],
    _ commandLine: [CommandLineSetting] = []
) -> [String] {
    let file = yaml.map { ConfigurationFile.text($0, name: "hello.yaml") } ?? .none
    do {
        _ = try ConfigurationSources(file: file, environment: environment, commandLine: commandLine).load()
        return []
    } catch {
        return error.problems.map(\.description)
    }
}

extension CommandLineSetting {
    /// An option with its texts, as the command line gives it.
    static func option(_ option: String, _ key: String, _ texts: String...) -> CommandLineSetting {
        CommandLineSetting(option: option, key: key, texts: texts)
    }
}
