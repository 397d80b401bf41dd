import CoreMetrics
import Greeting
import PrometheusMetrics
import Synchronization

/// What `/metrics` tells of upstreams: a counter for each outcome that there was, and how long the calls took.
final class UpstreamMetrics: UpstreamObserver {
    private struct State {
        var outcomes: [String: [UpstreamFailure.Kind?: Counter]] = [:]
        var durations: [String: Timer] = [:]
    }

    private let registry: PrometheusRegistry
    private let inWork: Gauge
    private let waiting: Gauge
    private let state = Mutex(State())

    init(registry: PrometheusRegistry) {
        self.registry = registry
        registry.describe(Self.calls, "Calls of upstreams that have ended, by upstream and outcome.")
        registry.describe(Self.duration, "How long calls of upstreams took, by upstream.")
        registry.describe(Self.now, "Calls of upstreams that are in work, and that wait for their turn.")
        inWork = Gauge(label: Self.now, dimensions: [("state", "in_work")], factory: registry)
        waiting = Gauge(label: Self.now, dimensions: [("state", "waiting")], factory: registry)
    }

    func ended(_ call: UpstreamCall) {
        let (name, kind) = (call.upstream.name, call.failure?.kind)
        let (counter, timer) = state.withLock { state in
            let counter = state.outcomes[name]?[kind] ?? makeCounter(name, kind)
            let timer =
                state.durations[name]
                ?? Timer(label: Self.duration, dimensions: [("upstream", name)], factory: registry)
            state.outcomes[name, default: [:]][kind] = counter
            state.durations[name] = timer
            return (counter, timer)
        }
        counter.increment()
        timer.recordNanoseconds(call.elapsed.microseconds * 1000)
    }

    /// Notes what goes on now.
    func note(_ calls: (inWork: Int, waiting: Int)) {
        inWork.record(calls.inWork)
        waiting.record(calls.waiting)
    }

    private func makeCounter(_ name: String, _ kind: UpstreamFailure.Kind?) -> Counter {
        let dimensions = [("upstream", name), ("outcome", kind?.rawValue ?? "ok")]
        return Counter(label: Self.calls, dimensions: dimensions, factory: registry)
    }

    private static let calls = "hello_upstream_calls_total"
    private static let duration = "hello_upstream_call_duration_seconds"
    private static let now = "hello_upstream_calls"
}

/// Hears of calls for several others.
struct UpstreamObservers: UpstreamObserver {
    let observers: [any UpstreamObserver]

    func ended(_ call: UpstreamCall) {
        for observer in observers { observer.ended(call) }
    }
}
