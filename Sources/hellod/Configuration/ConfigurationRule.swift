/// A condition on several settings together.
struct ConfigurationRule: Sendable {
    /// The settings it is about.
    let keys: [String]
    /// What to do when it is broken.
    let remedy: String
    /// Says what is wrong, or nil.
    let check: @Sendable (DaemonConfiguration) -> String?

    /// The problem, placed at the first setting that was given by somebody.
    func problem(_ message: String, origins: [String: String], status: ExitStatus) -> ConfigurationProblem {
        let given = keys.compactMap { origins[$0] }.filter { $0 != "default" }
        return ConfigurationProblem(origin: given.first ?? keys[0], message: message, remedy: remedy, status: status)
    }
}

extension DaemonConfiguration {
    /// Conditions that no single setting's bounds can express.
    static let rules: [ConfigurationRule] = [
        notLonger("greeting.delay", \.greeting.delay, than: "greeting.max_delay", \.greeting.maximumDelay),
        notLonger("timeouts.header", \.timeouts.header, than: "timeouts.request", \.timeouts.request),
        notLonger("aggregate.timeout", \.aggregate.timeout, than: "aggregate.deadline", \.aggregate.deadline),
        ConfigurationRule(
            keys: ["aggregate.upstreams", "aggregate.max_calls", "aggregate.max_waiting_calls"],
            remedy: "name fewer, or raise one of these two"
        ) { configuration in
            let aggregate = configuration.aggregate
            let room = aggregate.maximumCalls + aggregate.maximumWaitingCalls
            if aggregate.upstreams.count <= room { return nil }
            return "there are \(aggregate.upstreams.count) in aggregate.upstreams, and room for \(room) calls in "
                + "aggregate.max_calls and aggregate.max_waiting_calls together"
        },
        ConfigurationRule(keys: ["listen", "admin_listen"], remedy: "give each address once") { configuration in
            var seen: Set<ListenAddress> = []
            // Port 0 is another port each time.
            let again = (configuration.listen + configuration.adminListen).filter(\.isFixed).first {
                !seen.insert($0).inserted
            }
            return again.map { "\(quoted($0.description)) is listed twice in listen and admin_listen" }
        },
    ]

    private static func notLonger(
        _ key: String,
        _ path: any KeyPath<DaemonConfiguration, Duration> & Sendable,
        than limitKey: String,
        _ limitPath: any KeyPath<DaemonConfiguration, Duration> & Sendable
    ) -> ConfigurationRule {
        ConfigurationRule(keys: [key, limitKey], remedy: "lower \(key) or raise \(limitKey)") { configuration in
            let (value, limit) = (configuration[keyPath: path], configuration[keyPath: limitPath])
            if value <= limit { return nil }
            return "\(key) (\(value.settingText)) is longer than \(limitKey) (\(limit.settingText))"
        }
    }
}

extension ListenAddress {
    /// Whether the address means the same each time it is bound.
    fileprivate var isFixed: Bool {
        switch self {
        case .ipv4(_, let port), .ipv6(_, let port): port != 0
        case .unix: true
        }
    }
}
