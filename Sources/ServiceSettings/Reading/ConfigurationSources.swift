/// What a configuration is made from, all of it at hand: loading reads no file and no environment.
package struct ConfigurationSources: Sendable {
    /// The configuration file, as it was read.
    package var file = ConfigurationFile.none
    /// The environment variables, of which those that begin with the prefix of the program matter.
    package var environment: [String: String] = [:]
    /// The settings on the command line.
    package var commandLine: [CommandLineSetting] = []
}

/// A configuration with what an operator may want to know about it.
package struct LoadedConfiguration<Root: Sendable>: Sendable {
    /// The settings in effect.
    package var configuration: Root
    /// Where each setting comes from, by key: `default`, `/etc/hello/hello.yaml:3`, `HELLO_LOG_LEVEL`, `--log-level`.
    package var origins: [String: String] = [:]
    /// What deserves a notice, one line each.
    package var warnings: [String] = []
}

extension ConfigurationSources {
    /// Reads and checks every source; later ones win: defaults, file, environment, command line.
    ///
    /// A bad value is an error also where a later source overrides it: it would bite when that one goes away.
    ///
    /// - Throws: Every problem of every source.
    package func load<Root>(_ schema: SettingsSchema<Root>) throws(ConfigurationError) -> LoadedConfiguration<Root> {
        var loaded = LoadedConfiguration(configuration: schema.defaults)
        var problems: [ConfigurationProblem] = []
        var layers: [ConfigurationLayer] = []
        switch file {
        case .none: break
        case .text(let text, let name): layers.append(ConfigurationLayer(yaml: text, name: name, schema))
        case .unusable(let problem): problems.append(problem)
        }
        layers.append(ConfigurationLayer(environment: environment, schema))
        layers.append(ConfigurationLayer(commandLine: commandLine, schema))

        var bad: Set<String> = []
        var statuses: [String: ExitStatus] = [:]
        for layer in layers {
            problems += layer.problems
            loaded.warnings += layer.warnings
            bad.formUnion(layer.refused)
            for setting in schema.settings {
                guard let found = layer.find(setting) else { continue }
                loaded.origins[setting.key] = found.origin
                statuses[setting.key] = layer.status
                do {
                    try setting.apply(found.texts, &loaded.configuration)
                } catch {
                    bad.insert(setting.key)
                    problems.append(setting.problem(error, origin: found.origin, status: layer.status))
                }
            }
        }
        for setting in schema.settings where loaded.origins[setting.key] == nil {
            loaded.origins[setting.key] = "default"
        }

        // A rule says nothing of use about a value that was refused.
        for rule in schema.rules where bad.isDisjoint(with: rule.keys) {
            guard let message = rule.check(loaded.configuration) else { continue }
            let status: ExitStatus = rule.keys.contains { statuses[$0] == .usage } ? .usage : .configuration
            problems.append(rule.problem(message, origins: loaded.origins, status: status))
        }
        if !problems.isEmpty { throw ConfigurationError(problems: problems) }
        return loaded
    }
}

extension Setting {
    fileprivate func problem(_ error: SettingValueError, origin: String, status: ExitStatus) -> ConfigurationProblem {
        // Every option names its setting, as `--set greeting.delay` does; a line of a file does not.
        ConfigurationProblem(
            origin: origin,
            message: status == .usage ? error.problem : "\(key): \(error.problem)",
            remedy: error.remedy ?? "give \(expectation)",
            status: status
        )
    }
}
