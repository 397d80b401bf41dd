import HTTPServer
import JournalLogging
import Logging
import PrometheusMetrics
import Synchronization

/// The parts of a running daemon, joined.
final class RunningDaemon: Sendable {
    let application: any Application
    let journal: Journal
    let manager: ManagerLink
    let status = StatusLine()
    let server: HTTPServer
    let requestLog: RequestLog
    /// What is measured, or nil where no listener shows it.
    let metrics: DaemonMetrics?
    /// Where everything runs that serves no client.
    let housekeeping: EpollLoop
    /// Where clients are served.
    let eventLoops: [EpollLoop]

    let signals: Signals
    let spares: SpareDescriptors
    /// Whether the process is to end.
    let end = EndRequest()
    /// Whether a hand-over has been turned into a stop.
    let takesBack = Atomic<Bool>(false)

    private let intent = Mutex(StopIntent())
    private let actions = Mutex<(@Sendable (StopIntent.Action) -> Void)?>(nil)

    /// Those who follow the configuration by themselves.
    private let followers = Mutex<[@Sendable () -> Void]>([])
    private let listenerCount: Int
    private let current: Mutex<DaemonConfiguration>

    init(
        application: any Application,
        configuration: DaemonConfiguration,
        journal: Journal,
        manager: ManagerLink,
        registry: PrometheusRegistry,
        listeners: [String],
        housekeeping: EpollLoop,
        eventLoops: [EpollLoop],
        signals: Signals,
        spares: SpareDescriptors,
        connections: Int
    ) {
        self.application = application
        self.journal = journal
        self.manager = manager
        self.housekeeping = housekeeping
        self.eventLoops = eventLoops
        self.signals = signals
        self.spares = spares
        listenerCount = listeners.count
        current = Mutex(configuration)
        let isShown = listeners.contains(DaemonMetrics.listener)
        let metrics =
            isShown
            ? DaemonMetrics(
                registry: registry,
                prefix: application.identity.metricsPrefix,
                paths: application.endpoints.routes,
                loops: eventLoops.count
            ) : nil
        let requestLog = RequestLog(journal: journal, status: status, access: configuration.log.access)
        self.requestLog = requestLog
        self.metrics = metrics
        server = HTTPServer(
            loops: eventLoops,
            settings: configuration.serverSettings,
            maxConnections: connections,
            responder: application.endpoints,
            observer: metrics.map { ServerObservers(first: $0, second: requestLog) } ?? requestLog
        )
        requestLog.listenersFailed { [weak self] in self?.asked(.listenersFailed) }
        metrics?.read { [server, journal] in
            ElsewhereCounts(
                server: server.counts,
                maxConnections: server.maxConnections,
                droppedRecords: journal.pipeline.droppedCount
            )
        }
    }

    // MARK: Its end

    /// What the daemon is at.
    var stopKind: StopIntent.Kind { intent.withLock { $0.kind } }

    /// Whether its end is announced to whoever spreads requests.
    var announcesStop: Bool { intent.withLock { $0.isAnnounced } }

    /// Whether it ends because it can be of no more use.
    var hasFailed: Bool { intent.withLock { $0.hasFailed } }

    /// Says what does what ``asked(_:)`` comes to.
    func perform(_ actions: @escaping @Sendable (StopIntent.Action) -> Void) { self.actions.withLock { $0 = actions } }

    /// Something is asked of the process, by a signal or otherwise.
    func asked(_ request: StopIntent.Request) {
        let action = intent.withLock { $0.asked(request) }
        actions.withLock { $0 }?(action)
    }

    /// What the daemon runs with.
    var configuration: DaemonConfiguration { current.withLock { $0 } }

    /// Swaps the configuration.
    func apply(_ reloaded: ReloadedConfiguration) {
        let configuration = reloaded.daemon
        current.withLock { $0 = configuration }
        let budget = DescriptorBudget(
            configuration,
            own: reloaded.needs.descriptors,
            descriptors: DescriptorLimit.current,
            loops: eventLoops.count,
            listeners: listenerCount
        )
        server.setMaxConnections(budget.connections)
        journal.pipeline.setLevel(configuration.log.level)
        requestLog.setAccess(configuration.log.access)
        reloaded.apply(budget.own)
        server.update(configuration.serverSettings)
        for follower in followers.withLock({ $0 }) { follower() }
    }

    /// Has something done each time that the configuration was swapped.
    func whenApplied(_ follow: @escaping @Sendable () -> Void) { followers.withLock { $0.append(follow) } }
}

extension DaemonConfiguration {
    fileprivate var serverSettings: HTTPServer.Settings {
        HTTPServer.Settings(
            limits: RequestLimits(
                requestLine: limits.requestLine,
                headerSection: limits.headerSection,
                headerFields: limits.headerFields,
                body: limits.body
            ),
            timeouts: ConnectionTimeouts(
                header: timeouts.header,
                request: timeouts.request,
                keepAlive: timeouts.keepAlive,
                write: timeouts.write
            ),
            unreadAnswers: limits.unreadAnswers,
            requestsInWork: limits.requestsInWork == 0 ? .max : limits.requestsInWork,
            heldContent: limits.heldContent,
            forwarding: ForwardingTrust(peers: proxies.trusted, field: proxies.header)
        )
    }
}
