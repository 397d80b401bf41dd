/// One setting: a line of ``DaemonConfiguration/settings`` with its type erased.
struct Setting: Sendable {
    /// When a changed value takes effect.
    enum Effect: Sendable {
        /// A reload applies it.
        case reload
        /// Only the next start does.
        case restart
    }

    /// The dotted name, as in the configuration file: `greeting.delay`.
    let key: String
    /// What it is for, as the comment above it in a file says it; an indented line is an example.
    let comment: String
    /// What to give, for error texts and documentation: `a duration from 0s to 1h, such as 250ms`.
    let expectation: String
    /// Whether it takes a list of values rather than one.
    let isList: Bool
    /// Whether a mapping of a file is taken as a list of `name=value`.
    let takesMapping: Bool
    /// When a changed value takes effect.
    let effect: Effect

    /// Reads the value's text or texts into a configuration.
    let apply: @Sendable (_ texts: [String], _ to: inout DaemonConfiguration) throws(SettingValueError) -> Void
    /// The value in a configuration as text, in the form that ``apply`` reads back.
    let text: @Sendable (DaemonConfiguration) -> String
    /// Whether two configurations have the same value.
    let isEqual: @Sendable (DaemonConfiguration, DaemonConfiguration) -> Bool
    /// Copies the value from one configuration into another.
    let copy: @Sendable (_ from: DaemonConfiguration, _ to: inout DaemonConfiguration) -> Void

    init<Value: Equatable>(
        _ key: String,
        _ path: any WritableKeyPath<DaemonConfiguration, Value> & Sendable,
        _ type: SettingType<Value>,
        _ effect: Effect,
        _ comment: String
    ) {
        self.key = key
        self.comment = comment
        self.expectation = type.expectation
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

    /// The key's parts: `["greeting", "delay"]`.
    var components: [String] { key.split(separator: ".").map(String.init) }

    /// The environment variable that sets it: `HELLO_GREETING_DELAY`.
    var environmentVariable: String {
        ConfigurationLayer.environmentPrefix + key.uppercased().replacing(".", with: "_")
    }

    /// The default, as text.
    var defaultText: String { text(DaemonConfiguration()) }
}
