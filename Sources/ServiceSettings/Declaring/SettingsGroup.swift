/// Settings of one's own: a value whose properties hold the defaults, and a line for each.
///
///     struct GreetingSettings: SettingsGroup {
///         var delay: Duration = .seconds(1)
///
///         static let settings: [Setting<Self>] = [
///             Setting("greeting.delay", \.delay, .duration(.zero ... .seconds(10)), .reload, "How long it waits.")
///         ]
///     }
public protocol SettingsGroup: Sendable, Equatable {
    /// The defaults.
    init()
    /// Every setting, in the order of the example file.
    static var settings: [Setting<Self>] { get }
    /// Conditions that no single setting's bounds can express.
    static var rules: [SettingsRule<Self>] { get }
    /// What the example file says of a section, by the section's name.
    static var sectionComments: [String: String] { get }
}

extension SettingsGroup {
    /// None.
    public static var rules: [SettingsRule<Self>] { [] }
    /// None.
    public static var sectionComments: [String: String] { [:] }
}

/// Settings for who has none.
public struct NoSettings: SettingsGroup {
    /// There is nothing to set.
    public init() {}

    /// None.
    public static let settings: [Setting<Self>] = []
}
