public import Greeting
public import JournalLogging
import Logging
import NIOCore
import NIOPosix
public import PrometheusMetrics

/// What `/aggregate` needs to call: a client with a thread of its own, its log, and its metrics.
public final class UpstreamCalls: Sendable {
    /// Threads that it starts.
    public static let threads = 1

    /// Calls upstreams for requests.
    public let aggregator: Aggregator
    private let client: HTTPUpstreamClient
    private let upstreamLog: UpstreamLog
    private let log: LogPipeline

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - log: Where failed calls are told.
    ///   - metrics: Where calls are counted.
    ///   - prefix: What the names of the metrics begin with: `hello`.
    public init(log: LogPipeline, metrics: PrometheusRegistry, prefix: String) {
        let eventLoop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
        client = HTTPUpstreamClient(eventLoop: eventLoop)
        upstreamLog = UpstreamLog(log: log) { delay, body in eventLoop.scheduleTask(in: TimeAmount(delay), body) }
        let counts = UpstreamMetrics(registry: metrics, prefix: prefix)
        let aggregator = Aggregator(client: client, observer: UpstreamObservers(observers: [upstreamLog, counts]))
        metrics.whenRead { counts.note(aggregator.calls) }
        self.aggregator = aggregator
        self.log = log
    }

    /// Follows the settings, and says where the limit on open files leaves less than what is configured.
    ///
    /// - Parameters:
    ///   - settings: What is configured.
    ///   - descriptors: How many descriptors the calls may have.
    /// - Returns: how calls are made.
    public func apply(_ settings: AggregateSettings, descriptors: Int) -> AggregationSettings {
        let budget = CallBudget(settings, descriptors: descriptors)
        if budget.calls < settings.maximumCalls {
            log.log(
                .callsLimited,
                .warning,
                "aggregate.max_calls is \(settings.maximumCalls), but the limit on open files leaves room for "
                    + "\(budget.calls) calls; raise LimitNOFILE="
            )
        }
        client.keep(connections: budget.kept)
        let aggregation = settings.aggregation(calls: budget.calls)
        aggregator.update(aggregation)
        return aggregation
    }

    /// Tells what of failed calls has been left out so far; nothing more will come.
    public func flush() { upstreamLog.flush() }
}
