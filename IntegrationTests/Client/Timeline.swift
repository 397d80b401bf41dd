/// A run in steps of 100 ms: how many requests ended in each, how many of them badly, and how long they took.
///
/// Steps lie on a grid of the monotonic clock, so that the timelines of several loads can be added up.
public struct Timeline: Sendable {
    /// The length of a step.
    public static let step: Duration = .milliseconds(100)
    private static let stepNanoseconds: UInt64 = 100_000_000

    /// One step.
    public struct Step: Sendable {
        /// When the step begins, on the monotonic clock, in nanoseconds.
        public let startNanoseconds: UInt64
        /// Right answers in this step (``Outcome/ok`` and ``Outcome/slow``).
        public let completed: Int
        /// Failures in this step, duplicates included.
        public let failed: Int
        /// The median latency of the right answers, to about 6 %.
        public let median: Duration
        /// The highest latency of the right answers.
        public let slowest: Duration
    }

    private struct Cell: Sendable {
        var latencies = CoarseHistogram()
        var failed = 0
    }

    private var firstIndex: UInt64 = 0
    private var cells: [Cell] = []

    /// Every step from the first event to the last, those without events included.
    public var steps: [Step] {
        cells.enumerated().map { offset, cell in
            Step(
                startNanoseconds: (firstIndex + UInt64(offset)) * Self.stepNanoseconds,
                completed: cell.latencies.total,
                failed: cell.failed,
                median: .microseconds(Int64(clamping: cell.latencies.value(atPercentile: 50))),
                slowest: .microseconds(Int64(clamping: cell.latencies.maximum))
            )
        }
    }

    mutating func recordAnswer(at nanoseconds: UInt64, microseconds: UInt64) {
        cells[cell(at: nanoseconds / Self.stepNanoseconds)].latencies.record(microseconds)
    }

    mutating func recordFailure(at nanoseconds: UInt64) {
        cells[cell(at: nanoseconds / Self.stepNanoseconds)].failed += 1
    }

    mutating func add(_ other: Timeline) {
        for (offset, theirs) in other.cells.enumerated() {
            let mine = cell(at: other.firstIndex + UInt64(offset))
            cells[mine].latencies.add(theirs.latencies)
            cells[mine].failed += theirs.failed
        }
    }

    /// The place of a step, made when it is not there yet.
    private mutating func cell(at index: UInt64) -> Int {
        if cells.isEmpty { firstIndex = index }
        if index < firstIndex {
            cells.insert(contentsOf: (0..<(firstIndex - index)).map { _ in Cell() }, at: 0)
            firstIndex = index
        }
        let offset = Int(index - firstIndex)
        while offset >= cells.count { cells.append(Cell()) }
        return offset
    }
}
