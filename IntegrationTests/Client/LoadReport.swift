package import Histogram

/// What a load saw: every request's outcome, how long the right answers took, and when.
///
/// Reports of several loads, or of several event loops, add up with ``merge(_:)``.
public struct LoadReport: Sendable {
    /// How many examples are kept of each kind of failure.
    static let exampleLimit = 5

    /// What the load was called.
    public var label: String
    /// The start on the monotonic clock (`CLOCK_MONOTONIC`), in nanoseconds.
    package internal(set) var startNanoseconds: UInt64
    /// The end on the monotonic clock, in nanoseconds.
    package internal(set) var endNanoseconds: UInt64
    /// Requests begun: the sum of all outcomes but ``Outcome/duplicated``.
    public internal(set) var attempted = 0
    /// Answers by status code, right or wrong.
    public internal(set) var statusCounts: [Int: Int] = [:]
    /// Time from the first attempt to write the request to the full answer, right answers only, in microseconds.
    package internal(set) var latency: Histogram<UInt64>
    /// Time that connecting took, in microseconds.
    package internal(set) var connectLatency: Histogram<UInt64>
    /// The longest time a right answer took.
    public internal(set) var slowest: Duration = .zero
    /// When the slowest answer came, counted from the start of the load.
    public internal(set) var slowestOffset: Duration = .zero
    /// Connections that were established.
    public internal(set) var connections = 0
    /// Connections opened in place of one that had ended, whoever ended it.
    public internal(set) var reconnects = 0
    /// Connects that found a Unix socket's queue full (`EAGAIN`) and were tried again. No failure.
    public internal(set) var connectRetries = 0
    /// Idle kept-alive connections that the server closed with no request in work. No failure in itself.
    public internal(set) var idleClosed = 0
    /// Idle kept-alive connections that were reset with no request in work.
    public internal(set) var idleReset = 0
    /// Answers that carried `Connection: close`.
    public internal(set) var closeAnnounced = 0
    /// Answers that announced a close which then did not come within a second.
    public internal(set) var closeMissing = 0
    /// The first failures of each kind.
    public internal(set) var examples: [FailureExample] = []
    /// The run in steps of 100 ms.
    public internal(set) var timeline = Timeline()
    private var outcomes = [Int](repeating: 0, count: Outcome.allCases.count)

    init(label: String, startNanoseconds: UInt64) {
        self.label = label
        self.startNanoseconds = startNanoseconds
        self.endNanoseconds = startNanoseconds
        let hour: UInt64 = 3_600_000_000
        latency = Histogram(highestTrackableValue: hour, numberOfSignificantValueDigits: .three)
        connectLatency = Histogram(highestTrackableValue: hour, numberOfSignificantValueDigits: .two)
    }

    /// How many requests had this outcome.
    public func count(_ outcome: Outcome) -> Int { outcomes[outcome.index] }

    /// Requests that failed, slow ones included, and answers too many.
    public var failures: Int { Outcome.allCases.reduce(0) { $0 + ($1.isSuccess ? 0 : count($1)) } }

    /// Requests were made, and every one of them got the right answer, once and in time.
    public var isClean: Bool { attempted > 0 && failures == 0 && count(.ok) == attempted }

    /// How long the load ran.
    public var wallTime: Duration { .nanoseconds(Int64(endNanoseconds - startNanoseconds)) }

    /// Right answers a second.
    public var requestsPerSecond: Double {
        let seconds = Double(endNanoseconds - startNanoseconds) / 1e9
        return seconds > 0 ? Double(count(.ok) + count(.slow)) / seconds : 0
    }

    /// The latency that `percentile` (0 to 100) per cent of the right answers do not exceed.
    public func latency(atPercentile percentile: Double) -> Duration {
        guard latency.totalCount > 0 else { return .zero }
        return min(slowest, .microseconds(Int64(clamping: latency.valueAtPercentile(percentile))))
    }

    mutating func tally(_ outcome: Outcome) { outcomes[outcome.index] += 1 }

    /// Adds another report to this one. The result spans both runs; times of examples count from the earlier start.
    public mutating func merge(_ other: LoadReport) {
        let shift = Duration.nanoseconds(Int64(clamping: Int64(startNanoseconds) - Int64(other.startNanoseconds)))
        let mine = max(shift, .zero)
        let theirs = max(.zero - shift, .zero)
        slowestOffset += mine
        if other.slowest > slowest {
            slowest = other.slowest
            slowestOffset = other.slowestOffset + theirs
        }
        let moved =
            examples.map { FailureExample(outcome: $0.outcome, offset: $0.offset + mine, text: $0.text) }
            + other.examples.map { FailureExample(outcome: $0.outcome, offset: $0.offset + theirs, text: $0.text) }
        examples = []
        for example in moved.sorted(by: { $0.offset < $1.offset }) { keep(example) }
        startNanoseconds = min(startNanoseconds, other.startNanoseconds)
        endNanoseconds = max(endNanoseconds, other.endNanoseconds)
        attempted += other.attempted
        connections += other.connections
        reconnects += other.reconnects
        connectRetries += other.connectRetries
        idleClosed += other.idleClosed
        idleReset += other.idleReset
        closeAnnounced += other.closeAnnounced
        closeMissing += other.closeMissing
        statusCounts.merge(other.statusCounts, uniquingKeysWith: +)
        for index in outcomes.indices { outcomes[index] += other.outcomes[index] }
        latency.add(other.latency)
        connectLatency.add(other.connectLatency)
        timeline.add(other.timeline)
    }

    mutating func keep(_ example: FailureExample) {
        guard examples.count(where: { $0.outcome == example.outcome }) < Self.exampleLimit else { return }
        examples.append(example)
    }
}
