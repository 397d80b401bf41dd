/// A small log-linear histogram of microseconds: 16 steps an octave, so a value is known to about 6 %.
///
/// There is one for every 100 ms of a run, where a full HdrHistogram would take 100 times the memory.
struct CoarseHistogram: Sendable, Codable {
    private static let stepBits = 4
    private var counts: [UInt32] = []
    private(set) var total = 0
    private(set) var maximum: UInt64 = 0

    /// Values below 16 have a cell each; above, an octave has 16 cells.
    static func cell(of value: UInt64) -> Int {
        guard value >= 16 else { return Int(value) }
        let octave = 63 - value.leadingZeroBitCount
        return (octave - stepBits + 1) << stepBits + Int((value >> UInt64(octave - stepBits)) & 15)
    }

    /// The highest value that falls into a cell.
    static func upperBound(of cell: Int) -> UInt64 {
        guard cell >= 16 else { return UInt64(cell) }
        let shift = UInt64(cell >> stepBits - 1)
        return ((UInt64(16 + cell & 15) + 1) << shift) - 1
    }

    mutating func record(_ microseconds: UInt64) {
        let cell = Self.cell(of: microseconds)
        if cell >= counts.count {
            counts.append(contentsOf: repeatElement(0, count: cell + 1 - counts.count))
        }
        counts[cell] += 1
        total += 1
        maximum = max(maximum, microseconds)
    }

    mutating func add(_ other: CoarseHistogram) {
        if other.counts.count > counts.count {
            counts.append(contentsOf: repeatElement(0, count: other.counts.count - counts.count))
        }
        for (cell, count) in other.counts.enumerated() { counts[cell] += count }
        total += other.total
        maximum = max(maximum, other.maximum)
    }

    /// The value that `percentile` per cent of the records do not exceed; 0 when there are none.
    func value(atPercentile percentile: Double) -> UInt64 {
        guard total > 0 else { return 0 }
        let wanted = max(1, Int((Double(total) * percentile / 100).rounded(.up)))
        var seen = 0
        for (cell, count) in counts.enumerated() {
            seen += Int(count)
            if seen >= wanted { return min(Self.upperBound(of: cell), maximum) }
        }
        return maximum
    }
}
