import Greeting
import HTTPServer
import JournalLogging
import Logging
import NIOCore
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
    let upstreamLog: UpstreamLog
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
    private let greeting: GreetingService
    private let current: Mutex<DaemonConfiguration>

    init(
        loader: ConfigurationLoader,
        configuration: DaemonConfiguration,
        journal: Journal,
        manager: ManagerLink,
        listeners: [String],
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
        listenerCount = listeners.count
        current = Mutex(configuration)
        let metrics = listeners.contains(DaemonMetrics.listener) ? DaemonMetrics(loops: eventLoops.count) : nil
        let budget = DescriptorBudget(configuration, loops: eventLoops.count, listeners: listeners.count)
        let calling = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
        let upstreams = HTTPUpstreamClient(eventLoop: calling, keptConnections: budget.kept)
        let upstreamLog = UpstreamLog(journal: journal) { delay, body in
            calling.scheduleTask(in: TimeAmount(delay), body)
        }
        let observers: [(any UpstreamObserver)?] = [upstreamLog, metrics?.upstreams]
        let observer = UpstreamObservers(observers: observers.compactMap(\.self))
        let aggregator = Aggregator(client: upstreams, observer: observer)
        greeting = GreetingService(
            settings: configuration.greetingSettings(calls: budget.calls),
            parts: GreetingService.Parts(
                version: Hellod.version,
                aggregator: aggregator,
                metrics: { metrics?.text() ?? "" }
            )
        )
        let requestLog = RequestLog(journal: journal, status: status, access: configuration.log.access)
        self.requestLog = requestLog
        self.metrics = metrics
        self.upstreams = upstreams
        self.upstreamLog = upstreamLog
        server = HTTPServer(
            loops: eventLoops,
            settings: configuration.serverSettings,
            maxConnections: budget.connections,
            responder: greeting,
            observer: metrics.map { ServerObservers(first: $0, second: requestLog) } ?? requestLog
        )
        requestLog.listenersFailed { [weak self] in self?.asked(.listenersFailed) }
        tell(budget, configuration)
        metrics?.read { [server, journal] in
            ElsewhereCounts(
                server: server.counts,
                droppedRecords: journal.pipeline.droppedCount,
                calls: aggregator.calls
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
    func apply(_ configuration: DaemonConfiguration) {
        current.withLock { $0 = configuration }
        let budget = DescriptorBudget(configuration, loops: eventLoops.count, listeners: listenerCount)
        tell(budget, configuration)
        server.setMaxConnections(budget.connections)
        upstreams.keep(connections: budget.kept)
        journal.pipeline.setLevel(configuration.log.level)
        requestLog.setAccess(configuration.log.access)
        greeting.update(configuration.greetingSettings(calls: budget.calls))
        server.update(configuration.serverSettings)
        for follower in followers.withLock({ $0 }) { follower() }
    }

    /// Has something done each time that the configuration was swapped.
    func whenApplied(_ follow: @escaping @Sendable () -> Void) { followers.withLock { $0.append(follow) } }
}

extension Daemon {
    /// Says where the limit on open files leaves less than what is configured.
    private func tell(_ budget: DescriptorBudget, _ configuration: DaemonConfiguration) {
        guard budget.calls < configuration.aggregate.maximumCalls else { return }
        journal.log(
            .callsLimited,
            .warning,
            "aggregate.max_calls is \(configuration.aggregate.maximumCalls), but the limit on open files leaves room for "
                + "\(budget.calls) calls; raise LimitNOFILE="
        )
    }
}

extension DescriptorBudget {
    /// Shares out what this process may have.
    init(_ configuration: DaemonConfiguration, loops: Int, listeners: Int) {
        self.init(configuration, descriptors: DescriptorLimit.current, loops: loops, listeners: listeners)
    }
}

extension DaemonConfiguration {
    /// What the greeting service is to know.
    ///
    /// - Parameter calls: Calls of upstreams that may go on at once.
    func greetingSettings(calls: Int) -> GreetingService.Settings {
        GreetingService.Settings(
            delay: greeting.delay,
            maximumDelay: greeting.maximumDelay,
            upstreams: aggregate.upstreams,
            aggregation: AggregationSettings(
                timeout: aggregate.timeout,
                deadline: aggregate.deadline,
                maximumCalls: calls,
                maximumWaitingCalls: aggregate.maximumWaitingCalls,
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
            unreadAnswers: limits.unreadAnswers,
            requestsInWork: limits.requestsInWork == 0 ? .max : limits.requestsInWork,
            forwarding: ForwardingTrust(peers: proxies.trusted, field: proxies.header)
        )
    }
}
