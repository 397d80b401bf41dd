public import JournalLogging
public import Logging
public import PrometheusMetrics
public import ServiceSettings
import Synchronization

/// What a daemon that is run has to work with.
public struct DaemonContext<Settings: SettingsGroup>: Sendable {
    /// What it begins with.
    public let settings: Settings
    /// Writes to the daemon's log.
    public let logger: Logger
    /// The daemon's log, for entries with a `MESSAGE_ID` of one's own.
    public let log: LogPipeline
    /// What `/metrics` shows: make metrics with this as their factory.
    public let metrics: PrometheusRegistry
    private let budget: GrantedDescriptors

    init(
        settings: Settings,
        log: LogPipeline,
        metrics: PrometheusRegistry,
        budget: GrantedDescriptors,
        label: String
    ) {
        self.settings = settings
        self.log = log
        self.metrics = metrics
        self.budget = budget
        logger = Logger(label: label) { JournalLogHandler(label: $0, pipeline: log) }
    }

    /// Descriptors that it may have open now, of those that ``Daemon/needs(_:)`` asks for. It changes with a reload, before
    /// the endpoints are asked for.
    public var descriptors: Int { budget.count }
}

/// How many descriptors a daemon's own code may have.
final class GrantedDescriptors: Sendable {
    private let granted = Atomic<Int>(0)

    init() {}

    var count: Int { granted.load(ordering: .relaxed) }

    func grant(_ count: Int) { granted.store(count, ordering: .relaxed) }
}
