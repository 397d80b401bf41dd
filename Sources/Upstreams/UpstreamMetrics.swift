import CoreMetrics
import Greeting
import HTTPServer
import PrometheusMetrics
import Synchronization

/// What `/metrics` tells of upstreams: a counter for each outcome that there was, and how long the calls took.
final class UpstreamMetrics: UpstreamObserver {
    private struct State {
        var outcomes: [String: [UpstreamFailure.Kind?: Counter]] = [:]
        var durations: [String: Timer] = [:]
    }

    private let registry: PrometheusRegistry
    private let calls: String
    private let duration: String
    private let inWork: Gauge
    private let waiting: Gauge
    private let state = Mutex(State())

    init(registry: PrometheusRegistry, prefix: String) {
        self.registry = registry
        calls = "\(prefix)_upstream_calls_total"
        duration = "\(prefix)_upstream_call_duration_seconds"
        let now = "\(prefix)_upstream_calls"
        registry.describe(calls, "Calls of upstreams that have ended, by upstream and outcome.")
        registry.describe(duration, "How long calls of upstreams took, by upstream.")
        registry.describe(now, "Calls of upstreams that are in work, and that wait for their turn.")
        inWork = Gauge(label: now, dimensions: [("state", "in_work")], factory: registry)
        waiting = Gauge(label: now, dimensions: [("state", "waiting")], factory: registry)
    }

    func ended(_ call: UpstreamCall) {
        let (name, kind) = (call.upstream.name, call.failure?.kind)
        let (counter, timer) = state.withLock { state in
            let counter = state.outcomes[name]?[kind] ?? makeCounter(name, kind)
            let timer =
                state.durations[name]
                ?? Timer(label: duration, dimensions: [("upstream", name)], factory: registry)
            state.outcomes[name, default: [:]][kind] = counter
            state.durations[name] = timer
            return (counter, timer)
        }
        counter.increment()
        timer.recordNanoseconds(call.elapsed.microseconds * 1000)
    }

    /// Notes what goes on now.
    func note(_ counts: (inWork: Int, waiting: Int)) {
        inWork.record(counts.inWork)
        waiting.record(counts.waiting)
    }

    private func makeCounter(_ name: String, _ kind: UpstreamFailure.Kind?) -> Counter {
        let dimensions = [("upstream", name), ("outcome", kind?.rawValue ?? "ok")]
        return Counter(label: calls, dimensions: dimensions, factory: registry)
    }
}

/// Hears of calls for several others.
struct UpstreamObservers: UpstreamObserver {
    let observers: [any UpstreamObserver]

    func ended(_ call: UpstreamCall) {
        for observer in observers { observer.ended(call) }
    }
}
