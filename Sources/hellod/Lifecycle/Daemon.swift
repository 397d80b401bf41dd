import Greeting
import HTTPServer
import JournalLogging
import NIOCore
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
    let housekeeping: any EventLoop
    /// Where clients are served.
    let eventLoops: [EpollLoop]

    /// Whether the daemon stops because it is idle.
    let exitsIdle = Atomic<Bool>(false)

    private let greeting: GreetingService
    private let current: Mutex<DaemonConfiguration>

    init(
        loader: ConfigurationLoader,
        configuration: DaemonConfiguration,
        journal: Journal,
        manager: ManagerLink,
        hasMetrics: Bool,
        housekeeping: any EventLoop,
        eventLoops: [EpollLoop]
    ) {
        self.loader = loader
        self.journal = journal
        self.manager = manager
        self.housekeeping = housekeeping
        self.eventLoops = eventLoops
        current = Mutex(configuration)
        let metrics = hasMetrics ? DaemonMetrics(loops: eventLoops.count) : nil
        let upstreams = HTTPUpstreamClient(eventLoop: housekeeping)
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
        metrics?.read { [server, journal] in (server.counts, journal.pipeline.droppedCount) }
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
    }
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
            )
        )
    }
}
