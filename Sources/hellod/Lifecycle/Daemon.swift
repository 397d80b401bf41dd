import Greeting
import HTTPServer
import JournalLogging
import NIOPosix
import PrometheusMetrics
import Synchronization
import Upstreams

/// The parts of a running daemon, joined.
final class Daemon: Sendable {
    let loader: ConfigurationLoader
    let journal: Journal
    let manager: ManagerLink
    let status = StatusLine()
    let server: HTTPServer
    let requestLog: RequestLog
    /// What is measured, or nil where no listener shows it.
    let metrics: DaemonMetrics?
    let upstreams: HTTPUpstreamClient
    /// Where everything runs that serves no client.
    let housekeeping: EpollLoop
    /// Where clients are served.
    let eventLoops: [EpollLoop]

    let signals: Signals
    let spares: SpareDescriptors
    /// Whether a hand-over has been turned into a stop.
    let takesBack = Atomic<Bool>(false)

    private let intent = Mutex(StopIntent())
    private let actions = Mutex<(@Sendable (StopIntent.Action) -> Void)?>(nil)

    /// Those who follow the configuration by themselves.
    private let followers = Mutex<[@Sendable () -> Void]>([])
    private let greeting: GreetingService
    private let current: Mutex<DaemonConfiguration>

    init(
        loader: ConfigurationLoader,
        configuration: DaemonConfiguration,
        journal: Journal,
        manager: ManagerLink,
        hasMetrics: Bool,
        housekeeping: EpollLoop,
        eventLoops: [EpollLoop],
        signals: Signals,
        spares: SpareDescriptors
    ) {
        self.loader = loader
        self.journal = journal
        self.manager = manager
        self.housekeeping = housekeeping
        self.eventLoops = eventLoops
        self.signals = signals
        self.spares = spares
        current = Mutex(configuration)
        let metrics = hasMetrics ? DaemonMetrics(loops: eventLoops.count) : nil
        let upstreams = HTTPUpstreamClient(eventLoop: MultiThreadedEventLoopGroup(numberOfThreads: 1).next())
        greeting = GreetingService(
            settings: configuration.greetingSettings,
            parts: GreetingService.Parts(
                version: Hellod.version,
                aggregator: Aggregator(client: upstreams),
                metrics: { metrics?.text() ?? "" }
            )
        )
        let requestLog = RequestLog(journal: journal, access: configuration.log.access)
        self.requestLog = requestLog
        self.metrics = metrics
        self.upstreams = upstreams
        server = HTTPServer(
            loops: eventLoops,
            settings: configuration.serverSettings,
            maxConnections: DescriptorLimit.connections(configured: configuration.limits.maximumConnections),
            responder: greeting,
            observer: metrics.map { ServerObservers(first: $0, second: requestLog) } ?? requestLog
        )
        requestLog.listenersFailed { [weak self] in self?.asked(.listenersFailed) }
        metrics?.read { [server, journal] in (server.counts, journal.pipeline.droppedCount) }
    }

    // MARK: Its end

    /// What the daemon is at.
    var stopKind: StopIntent.Kind { intent.withLock { $0.kind } }

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
    func apply(_ configuration: DaemonConfiguration) {
        current.withLock { $0 = configuration }
        journal.pipeline.setLevel(configuration.log.level)
        requestLog.setAccess(configuration.log.access)
        greeting.update(configuration.greetingSettings)
        server.update(configuration.serverSettings)
        for follower in followers.withLock({ $0 }) { follower() }
    }

    /// Has something done each time that the configuration was swapped.
    func whenApplied(_ follow: @escaping @Sendable () -> Void) { followers.withLock { $0.append(follow) } }
}

extension DaemonConfiguration {
    /// What the greeting service is to know.
    var greetingSettings: GreetingService.Settings {
        GreetingService.Settings(
            delay: greeting.delay,
            maximumDelay: greeting.maximumDelay,
            upstreams: aggregate.upstreams,
            aggregation: AggregationSettings(
                timeout: aggregate.timeout,
                deadline: aggregate.deadline,
                maximumCalls: aggregate.maximumCalls,
                maximumBody: aggregate.maximumBody
            )
        )
    }

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
            unreadAnswers: limits.unreadAnswers
        )
    }
}
