import JournalLogging
import Logging

extension DaemonConfiguration {
    /// Every setting there is. To add one: a field with its default in ``DaemonConfiguration``, and a line here.
    static let settings: [Setting] = [
        Setting("listen", \.listen, .addresses, .restart, "where to listen when no sockets are inherited"),
        Setting("admin_listen", \.adminListen, .addresses, .restart, "where to serve /metrics"),
        Setting(
            "event_loops",
            \.eventLoops,
            .count(1...1024, zero: "auto"),
            .restart,
            "event loops; auto is one a core"
        ),

        Setting("greeting.delay", \.greeting.delay, .duration(.zero ... .hours(1)), .reload, "how long GET / waits"),
        Setting(
            "greeting.max_delay",
            \.greeting.maximumDelay,
            .duration(.zero ... .hours(1)),
            .reload,
            "the longest delay that a client can ask for"
        ),

        Setting(
            "aggregate.upstreams",
            \.aggregate.upstreams,
            .upstreams,
            .reload,
            "what GET /aggregate calls"
        ),
        Setting("aggregate.timeout", \.aggregate.timeout, .timeout, .reload, "how long one upstream may take"),
        Setting(
            "aggregate.deadline",
            \.aggregate.deadline,
            .timeout,
            .reload,
            "how long all upstreams together may take"
        ),
        Setting(
            "aggregate.max_calls",
            \.aggregate.maximumCalls,
            .count(1...10000),
            .reload,
            "calls at once, over all requests; more wait"
        ),
        Setting(
            "aggregate.max_body",
            \.aggregate.maximumBody,
            .size(1...67_108_864),
            .reload,
            "largest content taken from one upstream"
        ),

        Setting(
            "limits.max_connections",
            \.limits.maximumConnections,
            .count(1...1_048_576, zero: "auto"),
            .restart,
            "open connections; auto is what RLIMIT_NOFILE leaves"
        ),
        Setting(
            "limits.request_line",
            \.limits.requestLine,
            .size(256...65536),
            .reload,
            "longest request line (414)"
        ),
        Setting(
            "limits.header_section",
            \.limits.headerSection,
            .size(1024...1_048_576),
            .reload,
            "largest header section (431)"
        ),
        Setting("limits.header_fields", \.limits.headerFields, .count(8...1000), .reload, "most header fields (431)"),
        Setting("limits.body", \.limits.body, .size(0...1_073_741_824), .reload, "largest request body (413)"),
        Setting(
            "limits.unread_answers",
            \.limits.unreadAnswers,
            .size(65536...1 << 36),
            .reload,
            "answers that clients may leave unread, together (503)"
        ),

        Setting("timeouts.header", \.timeouts.header, .timeout, .reload, "deadline for a header section (408)"),
        Setting("timeouts.request", \.timeouts.request, .timeout, .reload, "deadline for a whole request (408)"),
        Setting("timeouts.keep_alive", \.timeouts.keepAlive, .timeout, .reload, "how long an idle connection is kept"),
        Setting(
            "timeouts.write",
            \.timeouts.write,
            .timeout,
            .reload,
            "how long a client may take to read an answer"
        ),

        Setting(
            "drain_timeout",
            \.drainTimeout,
            .duration(.zero ... .hours(1)),
            .reload,
            "how long a stop waits for requests in work"
        ),
        Setting(
            "idle_exit",
            \.idleExit,
            .duration(.milliseconds(1) ... .hours(168), zero: "off"),
            .reload,
            "exit after so long without a connection, if socket-activated"
        ),

        Setting("log.level", \.log.level, .choice(), .reload, "the least severe level that is logged"),
        Setting(
            "log.format",
            \.log.format,
            .choice(),
            .restart,
            "auto is journal where stderr is the journal, else text"
        ),
        Setting("log.access", \.log.access, .choice(), .reload, "which requests have a log entry of their own"),
    ]

    /// The setting of a key, or nil if there is none.
    static func setting(_ key: String) -> Setting? {
        settings.first { $0.key == key }
    }
}

extension SettingType where Value == Duration {
    /// A deadline that a client has to meet: a zero would refuse every client, so it is out of bounds.
    static var timeout: Self { .duration(.milliseconds(1) ... .hours(24)) }
}

extension Duration {
    /// A duration of whole hours.
    static func hours(_ count: Int64) -> Duration { .seconds(count * 3600) }
}
