import CoreMetrics
import Synchronization

/// The numbers of one metric with one set of labels.
protocol Series: AnyObject, Sendable {
    /// Adds its lines.
    func write(_ name: String, _ labels: [(String, String)], _ lines: inout [String])
}

/// A number that only grows.
final class CounterSeries: CounterHandler, Series {
    private let value = Atomic<Int64>(0)

    func increment(by amount: Int64) { value.wrappingAdd(amount, ordering: .relaxed) }
    func reset() { value.store(0, ordering: .relaxed) }

    func write(_ name: String, _ labels: [(String, String)], _ lines: inout [String]) {
        lines.append("\(name)\(TextFormat.labels(labels)) \(value.load(ordering: .relaxed))")
    }
}

/// A number that comes and goes.
final class GaugeSeries: RecorderHandler, MeterHandler, Series {
    private let bits = Atomic<UInt64>(0)

    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }
    func increment(by amount: Double) { change { $0 + amount } }
    func decrement(by amount: Double) { change { $0 - amount } }

    private func change(_ body: (Double) -> Double) {
        var old = bits.load(ordering: .relaxed)
        while true {
            let new = body(Double(bitPattern: old)).bitPattern
            let result = bits.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
            if result.exchanged { return }
            old = result.original
        }
    }

    func write(_ name: String, _ labels: [(String, String)], _ lines: inout [String]) {
        let value = Double(bitPattern: bits.load(ordering: .relaxed))
        lines.append("\(name)\(TextFormat.labels(labels)) \(TextFormat.number(value))")
    }
}

/// How values are spread over buckets. Recording is two atomic additions.
final class HistogramSeries: TimerHandler, RecorderHandler, Series {
    /// A cell of its own, since an array holds nothing that cannot be copied.
    private final class Cell: Sendable {
        let count = Atomic<Int>(0)
    }

    private let bounds: [Double]
    private let cells: [Cell]
    /// In billionths, so that it can be added to atomically.
    private let sum = Atomic<Int64>(0)

    init(bounds: [Double]) {
        self.bounds = bounds
        cells = (0...bounds.count).map { _ in Cell() }
    }

    func recordNanoseconds(_ duration: Int64) { observe(Double(duration) / 1e9, billionths: duration) }
    func record(_ value: Int64) { record(Double(value)) }
    func record(_ value: Double) {
        observe(value, billionths: Int64(clamping: Int(exactly: (value * 1e9).rounded()) ?? 0))
    }

    private func observe(_ value: Double, billionths: Int64) {
        var index = 0
        while index < bounds.count, value > bounds[index] { index += 1 }
        cells[index].count.wrappingAdd(1, ordering: .relaxed)
        sum.wrappingAdd(billionths, ordering: .relaxed)
    }

    func write(_ name: String, _ labels: [(String, String)], _ lines: inout [String]) {
        var total = 0
        for (index, cell) in cells.enumerated() {
            total += cell.count.load(ordering: .relaxed)
            let bound = index < bounds.count ? TextFormat.number(bounds[index]) : "+Inf"
            lines.append("\(name)_bucket\(TextFormat.labels(labels + [("le", bound)])) \(total)")
        }
        let sum = Double(sum.load(ordering: .relaxed)) / 1e9
        lines.append("\(name)_sum\(TextFormat.labels(labels)) \(TextFormat.number(sum))")
        lines.append("\(name)_count\(TextFormat.labels(labels)) \(total)")
    }
}
