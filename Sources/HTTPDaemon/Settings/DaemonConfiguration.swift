import HTTPServer
import JournalLogging
import Logging

/// What every daemon can be told, validated whole: a value of this type is safe to run with.
///
/// A field's initial value is the setting's default, here and nowhere else. Its key, bounds and description are one
/// line of ``listening(_:)`` or ``serving``; parsing, error texts, documentation and the answer to "can a reload apply it?" follow from
/// that line.
struct DaemonConfiguration: Sendable, Equatable {
    /// Where to listen when the service manager hands over no socket; empty means ``fallbackListen``.
    var listen: [ListenAddress] = []
    /// Where to serve the administrative routes (metrics).
    var adminListen: [ListenAddress] = []
    /// How many event loops to run; 0 is one for each core that the process may use.
    var eventLoops = 0
    /// How much a client may send, and how many clients there may be.
    var limits = Limits()
    /// How long a client may take.
    var timeouts = Timeouts()
    /// Whose word is taken for who the client is.
    var proxies = Proxies()
    /// How long a stop announces itself before the listeners close.
    var lameDuck: Duration = .zero
    /// How long a stop waits for requests in work.
    var drainTimeout: Duration = .seconds(30)
    /// How long without a connection before a socket-activated daemon exits; zero is never.
    var idleExit: Duration = .zero
    /// What is logged, and how.
    var log = Log()

    /// Where to listen when nothing says where: loopback only, so that nothing is exposed by accident.
    static let fallbackListen = [ListenAddress.ipv4(host: "127.0.0.1", port: 8080)]

    /// Bounds on what clients send. Sizes are in bytes.
    struct Limits: Sendable, Equatable {
        /// Open connections at once; 0 is what the limit on open files leaves.
        var maximumConnections = 0
        /// Requests in work at once, past which the answer is 503; 0 is unlimited.
        var requestsInWork = 0
        /// The longest request line; a longer one is answered with 414.
        var requestLine = 8192
        /// The largest header section; a larger one is answered with 431.
        var headerSection = 32768
        /// The most header fields; more are answered with 431.
        var headerFields = 100
        /// The largest body; a larger one is answered with 413.
        var body = 65536
        /// Octets of answers that all clients together may leave unread; past it, answers are 503.
        var unreadAnswers = 67_108_864
        /// Octets of content that is gathered for handlers, of all requests together; past it, answers are 503.
        var heldContent = 67_108_864
    }

    /// Deadlines on the wall clock for clients.
    struct Timeouts: Sendable, Equatable {
        /// From the first byte, or the accept, to the end of the header section.
        var header: Duration = .seconds(10)
        /// From the first byte to the end of the request.
        var request: Duration = .seconds(30)
        /// How long an idle connection is kept.
        var keepAlive: Duration = .seconds(75)
        /// How long a client may take to read an answer.
        var write: Duration = .seconds(30)
    }

    /// What is believed of proxies.
    struct Proxies: Sendable, Equatable {
        /// Addresses, networks and `unix`.
        var trusted = TrustedPeers()
        /// The field in which they name the client.
        var header: ForwardingField = .none
    }

    /// Settings of the log.
    struct Log: Sendable, Equatable {
        /// The least severe level that is logged.
        var level: Logger.Level = .info
        /// The form of a log entry.
        var format: LogFormat = .auto
        /// Which requests have an entry of their own.
        var access: AccessLog = .all
    }
}

/// Which requests have a log entry of their own.
enum AccessLog: String, Sendable, CaseIterable {
    /// Every request.
    case all
    /// Every request but those for health, readiness and metrics.
    case noProbes = "no_probes"
    /// Requests answered with a status of 400 or more.
    case errors
    /// None.
    case off
}
