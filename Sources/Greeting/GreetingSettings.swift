public import ServiceSettings

/// What can be set about the greeting.
public struct GreetingSettings: SettingsGroup {
    /// The wait of `GET /`, and of a greeting by name that asks for none.
    public var delay: Duration = .seconds(1)
    /// The longest wait that a client can ask for.
    public var maximumDelay: Duration = .seconds(10)

    /// The defaults.
    public init() {}

    /// Every setting, in the order of the example file.
    public static let settings: [Setting<Self>] = [
        Setting(
            "greeting.delay",
            \.delay,
            .duration(.zero ... .seconds(3600)),
            .reload,
            "How long GET / waits before it answers: 0s to 1h, and at most max_delay."
        ),
        Setting(
            "greeting.max_delay",
            \.maximumDelay,
            .duration(.zero ... .seconds(3600)),
            .reload,
            "The longest delay that a client can ask for with /hello/{name}?delay= or in the body of POST /hello: 0s to 1h."
        ),
    ]

    /// The delay is none that a client could not ask for.
    public static let rules: [SettingsRule<Self>] = [
        .notLonger("greeting.delay", \.delay, than: "greeting.max_delay", \.maximumDelay)
    ]
}
