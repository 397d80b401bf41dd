/// A condition on several settings together.
public struct SettingsRule<Root: Sendable>: Sendable {
    /// The keys of the settings that it is about.
    package let keys: [String]
    /// What to do when it is broken.
    package let remedy: String
    /// Says what is wrong, or nil.
    package let check: @Sendable (Root) -> String?

    /// Declares a condition.
    ///
    /// - Parameters:
    ///   - keys: The settings that it is about. It is not checked where one of them was refused.
    ///   - remedy: What to do when it is broken: `lower the one or raise the other`.
    ///   - check: Says what is wrong, or returns nil.
    public init(keys: [String], remedy: String, check: @escaping @Sendable (Root) -> String?) {
        self.keys = keys
        self.remedy = remedy
        self.check = check
    }

    /// That one duration is no longer than another.
    public static func notLonger(
        _ key: String,
        _ path: any KeyPath<Root, Duration> & Sendable,
        than limitKey: String,
        _ limitPath: any KeyPath<Root, Duration> & Sendable
    ) -> SettingsRule {
        SettingsRule(keys: [key, limitKey], remedy: "lower \(key) or raise \(limitKey)") { configuration in
            let (value, limit) = (configuration[keyPath: path], configuration[keyPath: limitPath])
            if value <= limit { return nil }
            return "\(key) (\(value.settingText)) is longer than \(limitKey) (\(limit.settingText))"
        }
    }

    /// The same condition where `Root` is a part of other settings.
    public func at<Whole>(_ path: any KeyPath<Whole, Root> & Sendable) -> SettingsRule<Whole> {
        let check = check
        return SettingsRule<Whole>(keys: keys, remedy: remedy) { check($0[keyPath: path]) }
    }

    /// The problem, placed at the first setting that was given by somebody.
    func problem(_ message: String, origins: [String: String], status: ExitStatus) -> ConfigurationProblem {
        let given = keys.compactMap { origins[$0] }.filter { $0 != "default" }
        return ConfigurationProblem(origin: given.first ?? keys[0], message: message, remedy: remedy, status: status)
    }
}
