import CoreMetrics
import HTTPServer
import HTTPTypes
import PrometheusMetrics
import Synchronization

/// What `/metrics` tells. Every metric is made at the start; a request adds to three or four numbers.
final class DaemonMetrics: ServerObserver {
    /// The name of the listeners that have metrics.
    static let listener = "admin"

    /// The counters of one route: an answer looks for its status among a few numbers.
    private struct Route: Sendable {
        var answers: [(status: Int, counter: Counter)]
        var others: Counter
        var duration: Timer
    }

    /// The statuses that routes give; what else comes is counted as `other`.
    private static let statuses = [200, 204, 404, 405, 422, 500, 502, 503]

    private let registry: PrometheusRegistry
    /// By number; the last one is for what no route matched.
    private let routes: [Route]
    private let refusals: [Refusal: Counter]
    private let pauses: [AcceptPause: Counter]
    private let lags: [Timer]
    private let inFlight: Gauge
    private let connections: Gauge
    private let maxConnections: Gauge
    private let reloadSuccess: Gauge
    private let residentMemory: Gauge
    private let accepted: Counter
    private let dropped: Counter
    private let takenUp: Counter
    private let requestsTakenUp: Counter
    private let notTakenUp: Counter
    /// What the counters that are kept elsewhere were when somebody last asked.
    private let seen = Mutex((accepted: 0, takenUp: 0, requestsTakenUp: 0, dropped: UInt64(0)))

    /// - Parameters:
    ///   - registry: Where they are kept.
    ///   - prefix: What their names begin with.
    ///   - paths: The routes, by number.
    ///   - loops: How many event loops serve clients.
    init(registry: PrometheusRegistry, prefix: String, paths: [String], loops: Int) {
        self.registry = registry
        for (name, help) in Self.helps { registry.describe("\(prefix)_\(name)", help) }
        for (name, help) in [Self.residentMemory, Self.startTime] { registry.describe(name, help) }
        routes = (paths + ["none"]).map { name in
            func counter(_ status: String) -> Counter {
                Counter(
                    label: "\(prefix)_requests_total",
                    dimensions: [("route", name), ("status", status)],
                    factory: registry
                )
            }
            return Route(
                answers: Self.statuses.map { ($0, counter(String($0))) },
                others: counter("other"),
                duration: Timer(
                    label: "\(prefix)_request_duration_seconds",
                    dimensions: [("route", name)],
                    factory: registry
                )
            )
        }
        refusals = Dictionary(
            uniqueKeysWithValues: Refusal.allCases.map { refusal in
                let dimensions = [("reason", refusal.rawValue)]
                return (
                    refusal,
                    Counter(label: "\(prefix)_rejected_requests_total", dimensions: dimensions, factory: registry)
                )
            }
        )
        pauses = Dictionary(
            uniqueKeysWithValues: AcceptPause.allCases.map { reason in
                let dimensions = [("reason", reason.rawValue)]
                return (
                    reason, Counter(label: "\(prefix)_accept_pauses_total", dimensions: dimensions, factory: registry)
                )
            }
        )
        lags = (0..<loops).map { loop in
            Timer(label: "\(prefix)_event_loop_lag_seconds", dimensions: [("loop", String(loop))], factory: registry)
        }
        inFlight = Gauge(label: "\(prefix)_requests_in_flight", dimensions: [], factory: registry)
        connections = Gauge(label: "\(prefix)_open_connections", dimensions: [], factory: registry)
        maxConnections = Gauge(label: "\(prefix)_max_connections", dimensions: [], factory: registry)
        reloadSuccess = Gauge(label: "\(prefix)_config_last_reload_successful", dimensions: [], factory: registry)
        residentMemory = Gauge(label: Self.residentMemory.name, dimensions: [], factory: registry)
        accepted = Counter(label: "\(prefix)_accepted_connections_total", dimensions: [], factory: registry)
        dropped = Counter(label: "\(prefix)_dropped_log_records_total", dimensions: [], factory: registry)
        takenUp = Counter(label: "\(prefix)_taken_up_connections_total", dimensions: [], factory: registry)
        requestsTakenUp = Counter(label: "\(prefix)_taken_up_requests_total", dimensions: [], factory: registry)
        notTakenUp = Counter(label: "\(prefix)_not_taken_up_connections_total", dimensions: [], factory: registry)
        // A daemon starts with a good configuration or not at all.
        reloadSuccess.record(1)
        let startTime = Gauge(label: Self.startTime.name, dimensions: [], factory: registry)
        if let process = ProcessUse.current() { startTime.record(process.startTime) }
    }

    /// Says where the numbers are that are kept elsewhere, and read when somebody asks.
    func read(_ source: @escaping @Sendable () -> ElsewhereCounts) {
        registry.whenRead { [self] in note(source()) }
    }

    private func note(_ elsewhere: ElsewhereCounts) {
        let (counts, lost) = (elsewhere.server, elsewhere.droppedRecords)
        inFlight.record(counts.inFlight)
        connections.record(counts.connections)
        maxConnections.record(elsewhere.maxConnections)
        if let process = ProcessUse.current() { residentMemory.record(process.residentOctets) }
        let new = seen.withLock { seen in
            defer {
                seen = (
                    max(counts.accepted, seen.accepted), counts.takenUp, counts.requestsTakenUp,
                    max(lost, seen.dropped)
                )
            }
            return (
                accepted: counts.accepted - seen.accepted,
                takenUp: counts.takenUp - seen.takenUp,
                requestsTakenUp: counts.requestsTakenUp - seen.requestsTakenUp,
                dropped: Int64(clamping: lost >= seen.dropped ? lost - seen.dropped : 0)
            )
        }
        accepted.increment(by: max(0, new.accepted))
        dropped.increment(by: new.dropped)
        takenUp.increment(by: max(0, new.takenUp))
        requestsTakenUp.increment(by: max(0, new.requestsTakenUp))
    }

    /// Notes connections that an earlier process left, and that could not be served.
    func notTakenUp(_ connections: Int) { notTakenUp.increment(by: connections) }

    /// Notes how a reload of the configuration ended.
    func reloaded(successfully: Bool) { reloadSuccess.record(successfully ? 1 : 0) }

    /// Notes how long an event loop took to come to a task.
    func loopLagged(_ loop: Int, _ lag: Duration) { lags[loop].recordNanoseconds(lag.microseconds * 1000) }

    // MARK: ServerObserver

    func answered(_ exchange: Exchange) {
        let route = routes[exchange.routeNumber ?? routes.count - 1]
        let status = exchange.status.code
        let counter = route.answers.first { $0.status == status }?.counter ?? route.others
        counter.increment()
        route.duration.recordNanoseconds(exchange.duration.microseconds * 1000)
    }

    func refused(_ request: RefusedRequest) { refusals[request.refusal]?.increment() }

    func acceptPaused(_ reason: AcceptPause) { pauses[reason]?.increment() }

    /// The names that all of Prometheus' clients give them
    /// (https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics).
    private static let residentMemory = (name: "process_resident_memory_bytes", help: "Resident memory size in bytes.")
    private static let startTime = (
        name: "process_start_time_seconds", help: "Start time of the process since unix epoch in seconds."
    )

    private static let helps = [
        ("requests_total", "Requests answered, by route and status."),
        ("request_duration_seconds", "From the last octet of a request to its answer."),
        ("rejected_requests_total", "Requests refused before they reached a route, by reason."),
        ("accept_pauses_total", "How often accepting connections was paused, by reason."),
        ("event_loop_lag_seconds", "How long an event loop took to come to a task."),
        ("requests_in_flight", "Requests in work."),
        ("open_connections", "Connections that are open."),
        ("max_connections", "Connections that may be open."),
        ("config_last_reload_successful", "1, or 0 from a reload that failed until one that did not."),
        ("accepted_connections_total", "Connections accepted since the start."),
        ("taken_up_connections_total", "Open connections taken up from the process before this one."),
        ("taken_up_requests_total", "Requests in work taken up from the process before this one."),
        (
            "not_taken_up_connections_total",
            "Open connections that the process before left, and that were closed."
        ),
        ("dropped_log_records_total", "Log records lost since the start, because the log was slow or away."),
    ]
}

/// The numbers that are kept elsewhere.
struct ElsewhereCounts: Sendable {
    var server: ServerCounts
    var maxConnections: Int
    var droppedRecords: UInt64
}

/// Asks every event loop, once a second, to do nothing, and notes how long it took to come to that.
final class EventLoopLag: Sendable {
    private let eventLoops: [EpollLoop]
    private let metrics: DaemonMetrics

    init(eventLoops: [EpollLoop], metrics: DaemonMetrics) {
        self.eventLoops = eventLoops
        self.metrics = metrics
    }

    func tick() {
        for (index, eventLoop) in eventLoops.enumerated() {
            let asked = MonotonicTime.now()
            eventLoop.execute { self.metrics.loopLagged(index, MonotonicTime.now() - asked) }
        }
    }
}
