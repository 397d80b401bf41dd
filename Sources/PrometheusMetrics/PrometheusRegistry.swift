public import CoreMetrics
import Synchronization

/// A swift-metrics backend that keeps numbers in memory and writes them in Prometheus' text format.
///
/// Making a metric takes a lock and looks texts up; using one is an atomic addition or two. So metrics are made once and
/// kept. Counters have names that end in `_total`; timers and recorders are histograms, timers in seconds.
public final class PrometheusRegistry: MetricsFactory {
    /// The bounds of a histogram's buckets, ascending.
    public struct Buckets: Sendable, Equatable {
        /// The upper bounds, inclusive.
        public var bounds: [Double]

        /// Creates bounds, which must ascend.
        public init(_ bounds: [Double]) {
            self.bounds = bounds
        }

        /// From 100 µs to 10 s, for answers.
        public static let latency = Buckets([
            0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
        ])
    }

    private struct Family {
        var kind: String
        var help: String
        var series: [(labels: [(String, String)], metric: any Series)] = []
    }

    private struct State {
        var helps: [String: String] = [:]
        var names: [String] = []
        var families: [String: Family] = [:]
        var readers: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())
    private let buckets: Buckets

    /// Creates an empty registry.
    public init(buckets: Buckets = .latency) {
        self.buckets = buckets
    }

    /// Says what a metric counts; to be called before it is made.
    public func describe(_ name: String, _ help: String) { state.withLock { $0.helps[name] = help } }

    /// Has something done each time that the metrics are read, before they are: what is counted elsewhere is noted then.
    public func whenRead(_ note: @escaping @Sendable () -> Void) { state.withLock { $0.readers.append(note) } }

    /// The metrics in text format 0.0.4.
    public func text() -> String {
        for note in state.withLock({ $0.readers }) { note() }
        let families = state.withLock { state in state.names.map { ($0, state.families[$0]) } }
        var lines: [String] = []
        for case (let name, let family?) in families {
            lines.append("# HELP \(name) \(TextFormat.escapedHelp(family.help))")
            lines.append("# TYPE \(name) \(family.kind)")
            for (labels, metric) in family.series { metric.write(name, labels, &lines) }
        }
        return lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n"
    }

    // MARK: MetricsFactory

    /// Makes a counter. See `MetricsFactory`.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, "counter", dimensions) { CounterSeries() }
    }

    /// Makes a gauge, or a histogram where values are aggregated. See `MetricsFactory`.
    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if aggregate { return series(label, "histogram", dimensions) { HistogramSeries(bounds: self.buckets.bounds) } }
        return series(label, "gauge", dimensions) { GaugeSeries() }
    }

    /// Makes a meter, which is a gauge. See `MetricsFactory`.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, "gauge", dimensions) { GaugeSeries() }
    }

    /// Makes a timer, which is a histogram in seconds. See `MetricsFactory`.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, "histogram", dimensions) { HistogramSeries(bounds: self.buckets.bounds) }
    }

    /// Does nothing: a counter that goes away and comes back would start at zero again. See `MetricsFactory`.
    public func destroyCounter(_ handler: any CounterHandler) {}
    /// Does nothing. See `MetricsFactory`.
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    /// Does nothing. See `MetricsFactory`.
    public func destroyMeter(_ handler: any MeterHandler) {}
    /// Does nothing. See `MetricsFactory`.
    public func destroyTimer(_ handler: any TimerHandler) {}

    /// The series of a name and labels, made if there is none. A name that has another kind already gives one that is
    /// not shown: a metric must not take the program down.
    private func series<Made: Series>(
        _ label: String,
        _ kind: String,
        _ dimensions: [(String, String)],
        _ make: () -> Made
    ) -> Made {
        let name = TextFormat.name(label)
        let labels = dimensions.map { (TextFormat.name($0.0), $0.1) }.sorted { $0.0 < $1.0 }
        return state.withLock { state in
            if state.families[name] == nil {
                state.names.append(name)
                state.families[name] = Family(kind: kind, help: state.helps[name] ?? name)
            }
            let known = state.families[name]?.series.first { $0.labels.elementsEqual(labels, by: ==) }
            if let metric = known?.metric as? Made { return metric }
            let made = make()
            if known == nil, state.families[name]?.kind == kind { state.families[name]?.series.append((labels, made)) }
            return made
        }
    }
}
