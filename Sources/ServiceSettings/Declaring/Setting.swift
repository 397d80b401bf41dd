/// One setting of a type of settings: its key, its bounds, what it is for, and where its value is kept.
///
///     Setting("greeting.delay", \.delay, .duration(.zero ... .seconds(10)), .reload, "How long the greeting waits.")
///
/// The file's key, the environment variable, the option of the command line, the check of each value, the texts of errors,
/// the example file and the answer to "can a reload apply it?" follow from this line. The default is the initial value of
/// the property.
public struct Setting<Root: Sendable>: Sendable {
    /// When a changed value takes effect.
    public enum Effect: Sendable {
        /// A reload applies it.
        case reload
        /// Only the next start does.
        case restart
    }

    /// The dotted name, as in the configuration file: `greeting.delay`.
    package let key: String
    /// What it is for, as the comment above it in a file says it; an indented line is an example.
    package let comment: String
    /// What to give, for error texts and documentation: `a duration from 0s to 1h, such as 250ms`.
    package let expectation: String
    /// What the value is called in an option's help: `duration`.
    package let valueName: String
    /// Whether it takes a list of values rather than one.
    package let isList: Bool
    /// Whether a mapping of a file is taken as a list of `name=value`.
    package let takesMapping: Bool
    /// When a changed value takes effect.
    package let effect: Effect

    /// Reads the value's text or texts into a configuration.
    package let apply: @Sendable (_ texts: [String], _ to: inout Root) throws(SettingValueError) -> Void
    /// The value in a configuration as text, in the form that ``apply`` reads back.
    package let text: @Sendable (Root) -> String
    /// Whether two configurations have the same value.
    package let isEqual: @Sendable (Root, Root) -> Bool
    /// Copies the value from one configuration into another.
    package let copy: @Sendable (_ from: Root, _ to: inout Root) -> Void

    /// Declares a setting.
    ///
    /// - Parameters:
    ///   - key: Its dotted name. What stands before the dot is its section in the file.
    ///   - path: Where its value is kept.
    ///   - type: How it is written, and what is allowed.
    ///   - effect: When a changed value takes effect.
    ///   - comment: What it is for, in whole sentences; an indented line is an example.
    public init<Value: Equatable>(
        _ key: String,
        _ path: any WritableKeyPath<Root, Value> & Sendable,
        _ type: SettingType<Value>,
        _ effect: Effect,
        _ comment: String
    ) {
        self.key = key
        self.comment = comment
        self.expectation = type.expectation
        self.valueName = type.valueName
        self.isList = type.isList
        self.takesMapping = type.takesMapping
        self.effect = effect
        self.apply = { texts, configuration throws(SettingValueError) in
            configuration[keyPath: path] = try type.parse(texts)
        }
        self.text = { type.text($0[keyPath: path]) }
        self.copy = { $1[keyPath: path] = $0[keyPath: path] }
        self.isEqual = { $0[keyPath: path] == $1[keyPath: path] }
    }

    /// The same setting of settings that are a part of others.
    private init<Part>(_ part: Setting<Part>, at path: any WritableKeyPath<Root, Part> & Sendable) {
        key = part.key
        comment = part.comment
        expectation = part.expectation
        valueName = part.valueName
        isList = part.isList
        takesMapping = part.takesMapping
        effect = part.effect == .reload ? .reload : .restart
        apply = { texts, configuration throws(SettingValueError) in
            try part.apply(texts, &configuration[keyPath: path])
        }
        text = { part.text($0[keyPath: path]) }
        copy = { part.copy($0[keyPath: path], &$1[keyPath: path]) }
        isEqual = { part.isEqual($0[keyPath: path], $1[keyPath: path]) }
    }

    /// The same setting where `Root` is a part of other settings.
    public func at<Whole>(_ path: any WritableKeyPath<Whole, Root> & Sendable) -> Setting<Whole> {
        Setting<Whole>(self, at: path)
    }

    /// The key's parts: `["greeting", "delay"]`.
    package var components: [String] { key.split(separator: ".").map(String.init) }

    /// The option of the command line that sets it: `--greeting-delay`.
    package var option: String { "--" + key.replacing(".", with: "-").replacing("_", with: "-") }
}
