public import Greeting
public import ServiceSettings

/// What can be set about `/aggregate`.
public struct AggregateSettings: SettingsGroup {
    /// The services that are called.
    public var upstreams: [Upstream] = []
    /// How long one of them may take.
    public var timeout: Duration = .seconds(2)
    /// How long all of them together may take.
    public var deadline: Duration = .seconds(5)
    /// Calls at once, over all requests.
    public var maximumCalls = 64
    /// Calls that wait for their turn, over all requests.
    public var maximumWaitingCalls = 4096
    /// The largest content that is taken from one upstream.
    public var maximumBody = 1_048_576

    /// The defaults.
    public init() {}

    /// How the calls are made, of which so many may go on at once.
    public func aggregation(calls: Int) -> AggregationSettings {
        AggregationSettings(
            timeout: timeout,
            deadline: deadline,
            maximumCalls: calls,
            maximumWaitingCalls: maximumWaitingCalls,
            maximumBody: maximumBody
        )
    }

    /// Every setting, in the order of the example file.
    public static let settings: [Setting<Self>] = [
        Setting(
            "aggregate.upstreams",
            \.upstreams,
            .upstreams,
            .reload,
            """
            Services by name and URL (http or https, certificates are verified), 256 at most; if empty, /aggregate answers 503.
              upstreams:
                users: https://users.example.org/status
                orders: http://127.0.0.1:9000/status
            In a variable: HELLO_AGGREGATE_UPSTREAMS=users=https://users.example.org/status,orders=http://127.0.0.1:9000/status
            """
        ),
        Setting(
            "aggregate.timeout",
            \.timeout,
            time,
            .reload,
            """
            How long one upstream may take, its content included: 1ms to 24h, and at most the next one.
            """
        ),
        Setting(
            "aggregate.deadline",
            \.deadline,
            time,
            .reload,
            "How long all of them together may take: 1ms to 24h."
        ),
        Setting(
            "aggregate.max_calls",
            \.maximumCalls,
            .count(1...10000),
            .reload,
            "Calls at once, over all requests; more wait their turn: 1 to 10000."
        ),
        Setting(
            "aggregate.max_waiting_calls",
            \.maximumWaitingCalls,
            .count(0...1_000_000),
            .reload,
            """
            Calls that wait their turn, over all requests: 0 to 1000000. A request whose calls would be more is answered with
            503.
            """
        ),
        Setting(
            "aggregate.max_body",
            \.maximumBody,
            .size(1...67_108_864),
            .reload,
            "The largest content taken from one upstream: 1 to 64M."
        ),
    ]

    private static let time = SettingType.duration(.milliseconds(1) ... .seconds(24 * 3600))

    /// One call is no longer than all, and there is room for a call of each.
    public static let rules: [SettingsRule<Self>] = [
        .notLonger("aggregate.timeout", \.timeout, than: "aggregate.deadline", \.deadline),
        SettingsRule(
            keys: ["aggregate.upstreams", "aggregate.max_calls", "aggregate.max_waiting_calls"],
            remedy: "name fewer, or raise one of these two"
        ) { aggregate in
            let room = aggregate.maximumCalls + aggregate.maximumWaitingCalls
            if aggregate.upstreams.count <= room { return nil }
            return "there are \(aggregate.upstreams.count) in aggregate.upstreams, and room for \(room) calls in "
                + "aggregate.max_calls and aggregate.max_waiting_calls together"
        },
    ]

    /// What the calls need besides settings.
    public static let sectionComments = [
        "aggregate": "What GET /aggregate calls. Under systemd it needs the drop-in upstreams.conf too."
    ]
}
