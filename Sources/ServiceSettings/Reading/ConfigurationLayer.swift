import Configuration

/// The settings that one source gives: the file, the environment or the command line.
///
/// swift-configuration's providers hold the values, and name and split environment variables. Its `ConfigReader` is not
/// used: it answers with the winning value alone, without the line it came from, and so could neither report a bad value
/// that another source overrides nor say where a value was set.
struct ConfigurationLayer: Sendable {
    /// The texts of the settings: `.stringArray` for lists, `.string` for others.
    /// Nil where the source says nothing.
    var provider: (any ConfigProvider)?
    /// Where a setting was given, by the provider's name for it, if that name does not say so by itself.
    var origins: [String: String] = [:]
    /// What is wrong with the source as such, before any value is looked at.
    var problems: [ConfigurationProblem] = []
    /// The keys that are given in a way that cannot be a value, each with a problem.
    var refused: Set<String> = []
    /// What deserves a notice and no more.
    var warnings: [String] = []
    /// What a bad value in this source amounts to.
    var status = ExitStatus.configuration

    /// A value as the source wrote it.
    struct Found {
        /// The text, or those of a list.
        var texts: [String]
        /// Where it was given.
        var origin: String
    }

    /// What the source says of a setting, or nil if nothing.
    func find<Root>(_ setting: Setting<Root>) -> Found? {
        guard let provider else { return nil }
        let key = AbsoluteConfigKey(setting.components)
        // The shape was settled when the layer was made, so a provider has nothing left to throw for.
        guard let result = try? provider.value(forKey: key, type: setting.isList ? .stringArray : .string) else {
            return nil
        }
        let origin = origins[result.encodedKey] ?? result.encodedKey
        return switch result.value?.content {
        case .string(let text): Found(texts: [text], origin: origin)
        // A lone empty text is what splitting nothing gives: an empty list.
        case .stringArray(let texts): Found(texts: texts == [""] ? [] : texts, origin: origin)
        default: nil
        }
    }

    /// A layer of values at hand.
    init(name: String, values: [String: ConfigContent], origins: [String: String], problems: [ConfigurationProblem]) {
        let pairs = values.map { key, content in
            (AbsoluteConfigKey(key.split(separator: ".").map(String.init)), ConfigValue(content, isSecret: false))
        }
        self.provider =
            pairs.isEmpty ? nil : InMemoryProvider(name: name, values: Dictionary(pairs) { first, _ in first })
        self.origins = origins
        self.problems = problems
        self.refused = Set(origins.keys).subtracting(values.keys)
    }
}
