import CoreMetrics
import Synchronization

/// The numbers of one metric with one set of labels.
protocol Series: AnyObject, Sendable {
    /// Adds its lines.
    func write(_ name: String, _ labels: [(String, String)], _ lines: inout [String])
}

/// A whole number that only grows, up to the largest that there is: it stays there.
struct Total: ~Copyable {
    private let value = Atomic<Int64>(0)

    /// The number.
    var current: Int64 {
        // Negative is what an addition that went beyond has left for a moment.
        let value = value.load(ordering: .relaxed)
        return value < 0 ? .max : value
    }

    /// Adds what is not negative; all else would be a fault of the caller's.
    func add(_ amount: Int64) {
        guard amount > 0 else { return }
        let (old, new) = value.wrappingAdd(amount, ordering: .relaxed)
        if old < 0 || new < 0 { value.store(.max, ordering: .relaxed) }
    }

    func reset() { value.store(0, ordering: .relaxed) }
}

/// A number that only grows.
final class CounterSeries: CounterHandler, Series {
    private let total = Total()

    func increment(by amount: Int64) { total.add(amount) }
    func reset() { total.reset() }

    func write(_ name: String, _ labels: [(String, String)], _ lines: inout [String]) {
        lines.append("\(name)\(TextFormat.labels(labels)) \(total.current)")
    }
}

/// A number that comes and goes.
final class GaugeSeries: RecorderHandler, MeterHandler, Series {
    private let bits = Atomic<UInt64>(0)

    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }
    /// The number.
    var current: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }
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
        lines.append("\(name)\(TextFormat.labels(labels)) \(TextFormat.number(current))")
    }
}

/// How values are spread over buckets. Recording is three atomic additions at most.
final class HistogramSeries: TimerHandler, RecorderHandler, Series {
    /// A cell of its own, since an array holds nothing that cannot be copied.
    private final class Cell: Sendable {
        let count = Atomic<Int>(0)
    }

    private let bounds: [Double]
    private let cells: [Cell]
    /// The whole ones of the sum, and what is behind their points in billionths, so that it can be added to atomically.
    /// Apart, neither comes to its end: together, in billionths, they would where 10,000 requests a second wait for a second
    /// each, within eleven days.
    private let wholes = Total()
    private let billionths = Total()
    /// What negative values add up to.
    private let negative = GaugeSeries()

    init(bounds: [Double]) {
        self.bounds = bounds
        cells = (0...bounds.count).map { _ in Cell() }
    }

    func recordNanoseconds(_ duration: Int64) {
        count(Double(duration) / 1e9)
        let (wholes, billionths) = duration.quotientAndRemainder(dividingBy: 1_000_000_000)
        add(wholes, billionths)
    }

    func record(_ value: Int64) {
        count(Double(value))
        add(value, 0)
    }

    func record(_ value: Double) {
        // What is not finite would make the sum useless for good.
        guard value.isFinite else { return }
        count(value)
        let wholes = value.rounded(.towardZero)
        add(Int64(exactly: wholes) ?? (value < 0 ? .min : .max), Int64(((value - wholes) * 1e9).rounded()))
    }

    private func count(_ value: Double) {
        var index = 0
        while index < bounds.count, value > bounds[index] { index += 1 }
        cells[index].count.wrappingAdd(1, ordering: .relaxed)
    }

    private func add(_ wholes: Int64, _ billionths: Int64) {
        if wholes < 0 || billionths < 0 {
            negative.increment(by: Double(wholes) + Double(billionths) / 1e9)
        } else {
            if wholes > 0 { self.wholes.add(wholes) }
            self.billionths.add(billionths)
        }
    }

    /// All that was recorded, in the exactness of the text's readers.
    private var sum: Double {
        let (seconds, rest) = billionths.current.quotientAndRemainder(dividingBy: 1_000_000_000)
        let wholes = wholes.current
        let (total, isTooLarge) = wholes.addingReportingOverflow(seconds)
        // In one division where that is exact, so that the text is as short as what was recorded.
        let small = total < 9_000_000 && !isTooLarge
        let positive =
            small ? Double(total * 1_000_000_000 + rest) / 1e9 : Double(wholes) + Double(seconds) + Double(rest) / 1e9
        return positive + negative.current
    }

    func write(_ name: String, _ labels: [(String, String)], _ lines: inout [String]) {
        var total = 0
        for (index, cell) in cells.enumerated() {
            total += cell.count.load(ordering: .relaxed)
            let bound = index < bounds.count ? TextFormat.number(bounds[index]) : "+Inf"
            lines.append("\(name)_bucket\(TextFormat.labels(labels + [("le", bound)])) \(total)")
        }
        lines.append("\(name)_sum\(TextFormat.labels(labels)) \(TextFormat.number(sum))")
        lines.append("\(name)_count\(TextFormat.labels(labels)) \(total)")
    }
}
