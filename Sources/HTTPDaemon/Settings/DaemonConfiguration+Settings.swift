import JournalLogging
import Logging
import ServiceSettings

extension DaemonConfiguration {
    /// Where it listens. To add a setting: a field with its default in ``DaemonConfiguration``, and a line here or below.
    static func listening(_ identity: Identity) -> [Setting<Self>] {
        [
            Setting(
                "listen",
                \.listen,
                .addresses,
                .restart,
                """
                Where to listen when the service manager passes no sockets, as a list; if empty, 127.0.0.1:8080 alone.
                Under systemd, addresses belong into \(identity.name).socket instead, and this is ignored.
                  listen:
                    - 127.0.0.1:8080
                    - "[::1]:8080"
                    - unix:/run/\(identity.name)/\(identity.name).sock
                """
            ),
            Setting("admin_listen", \.adminListen, .addresses, .restart, "Where to serve /metrics, likewise."),
            Setting(
                "event_loops",
                \.eventLoops,
                .count(1...1024, zero: "auto"),
                .restart,
                """
                How many event loops, and so threads, to run: 1 to 1024, or auto (or 0), which is one for each core that the
                process may use.
                """
            ),
        ]
    }

    /// How it serves, ends and logs.
    static let serving: [Setting<Self>] = [
        Setting(
            "limits.max_connections",
            \.limits.maximumConnections,
            .count(1...1_048_576, zero: "auto"),
            .restart,
            """
            Open connections at once: 1 to 1048576, or auto (or 0), which is what LimitNOFILE= leaves when the daemon's
            own descriptors and those of its handlers are taken off. Past it, new ones wait in the kernel's queue.
            """
        ),
        Setting(
            "limits.requests_in_work",
            \.limits.requestsInWork,
            .count(1...1_048_576, zero: "unlimited"),
            .reload,
            """
            Requests in work at once: 1 to 1048576, or unlimited (or 0). Past it, answers are 503 at once, with Retry-After;
            but never those of /healthz, /readyz and the admin listener.
            """
        ),
        Setting(
            "limits.request_line",
            \.limits.requestLine,
            .size(256...65536),
            .reload,
            "The longest request line, answered with 414 past it: 256 to 64K."
        ),
        Setting(
            "limits.header_section",
            \.limits.headerSection,
            .size(1024...1_048_576),
            .reload,
            "The largest header section, answered with 431 past it: 1K to 1M."
        ),
        Setting(
            "limits.header_fields",
            \.limits.headerFields,
            .count(8...1000),
            .reload,
            "The most header fields, answered with 431 past it: 8 to 1000."
        ),
        Setting(
            "limits.body",
            \.limits.body,
            .size(0...1_073_741_824),
            .reload,
            "The largest request body, answered with 413 past it: 0 to 1G."
        ),
        Setting(
            "limits.unread_answers",
            \.limits.unreadAnswers,
            .size(65536...1 << 36),
            .reload,
            "Octets of answers that all clients together may leave unread; past it, answers are 503: 64K to 64G."
        ),
        Setting(
            "limits.held_content",
            \.limits.heldContent,
            .size(65536...1 << 36),
            .reload,
            "Octets of bodies that are held for handlers, of all requests together; past it, answers are 503: 64K to 64G."
        ),

        Setting(
            "timeouts.header",
            \.timeouts.header,
            .timeout,
            .reload,
            """
            From the first byte, or the accept, to the end of the header section; at most the next one.
            """
        ),
        Setting(
            "timeouts.request",
            \.timeouts.request,
            .timeout,
            .reload,
            "From the first byte to the end of the request."
        ),
        Setting("timeouts.keep_alive", \.timeouts.keepAlive, .timeout, .reload, "How long an idle connection is kept."),
        Setting(
            "timeouts.write",
            \.timeouts.write,
            .timeout,
            .reload,
            "How long a client may take to read an answer."
        ),

        Setting(
            "proxies.trusted",
            \.proxies.trusted,
            .peers,
            .reload,
            """
            Addresses and networks, and unix for whoever connects over a Unix socket, as a list; if empty, nobody is believed.
              trusted:
                - 192.0.2.1
                - 2001:db8::/32
                - unix
            """
        ),
        Setting(
            "proxies.header",
            \.proxies.header,
            .choice(),
            .reload,
            """
            The field in which they name the client of a request: none, forwarded (RFC 7239) or x-forwarded-for. It must be one
            that the proxy itself writes. A listener named proxy expects the PROXY protocol from them besides.
            """
        ),

        Setting(
            "lame_duck",
            \.lameDuck,
            .duration(.zero ... .hours(1)),
            .reload,
            """
            How long a stop announces itself to load balancers: 0s to 1h. It goes on accepting and answering meanwhile, with
            /readyz 503 and each answer the last one of its connection. Not before a restart, which closes nothing.
            """
        ),
        Setting(
            "drain_timeout",
            \.drainTimeout,
            .duration(.zero ... .hours(1)),
            .reload,
            """
            How long a stop then waits for requests in work: 0s to 1h. Keep TimeoutStopSec= of the unit longer than both
            together.
            """
        ),
        Setting(
            "idle_exit",
            \.idleExit,
            .duration(.milliseconds(1) ... .hours(168), zero: "off"),
            .reload,
            """
            Exit after so long without a connection, 1ms to 168h, or off (or 0). Only when socket-activated: the socket starts
            it again.
            """
        ),

        Setting(
            "log.level",
            \.log.level,
            .choice(),
            .reload,
            """
            The least severe level that is logged: trace, debug, info, notice, warning, error or critical.
            """
        ),
        Setting(
            "log.format",
            \.log.format,
            .choice(),
            .restart,
            "journal, text or json; auto is journal where stderr is the journal, else text."
        ),
        Setting(
            "log.access",
            \.log.access,
            .choice(),
            .reload,
            """
            Which requests have a log entry of their own: all, no_probes (all but /healthz, /readyz and /metrics), errors (status
            400 and above) or off.
            """
        ),
    ]

    /// What is said of a section.
    static let sectionComments = [
        "proxies": "Who is believed when it says who the client is: reverse proxies. New connections follow a change.",
        "timeouts":
            "Deadlines on the wall clock, 1ms to 24h each. A client cannot extend one by sending a byte now and then.",
    ]

    /// Conditions that no single setting's bounds can express.
    static let rules: [SettingsRule<Self>] = [
        .notLonger("timeouts.header", \.timeouts.header, than: "timeouts.request", \.timeouts.request),
        SettingsRule(keys: ["listen", "admin_listen"], remedy: "give each address once") { configuration in
            var seen: Set<ListenAddress> = []
            // Port 0 is another port each time.
            let again = (configuration.listen + configuration.adminListen).filter(\.isFixed).first {
                !seen.insert($0).inserted
            }
            return again.map { "\(quoted($0.description)) is listed twice in listen and admin_listen" }
        },
    ]
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

extension SettingType where Value == Duration {
    /// A deadline that a client has to meet: a zero would refuse every client, so it is out of bounds.
    static var timeout: Self { .duration(.milliseconds(1) ... .hours(24)) }
}

extension Duration {
    /// A duration of whole hours.
    static func hours(_ count: Int64) -> Duration { .seconds(count * 3600) }
}
