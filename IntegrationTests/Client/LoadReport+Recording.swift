import Histogram

extension LoadReport {
    /// Records a right answer.
    mutating func recordAnswer(sentAt: UInt64, now: UInt64, slowerThan bound: Duration?) {
        let elapsed = now - sentAt
        let microseconds = elapsed / 1000
        latency.record(microseconds)
        timeline.recordAnswer(at: now, microseconds: microseconds)
        let took = Duration.nanoseconds(Int64(clamping: elapsed))
        if took > slowest {
            slowest = took
            slowestOffset = offset(of: now)
        }
        if let bound, took > bound {
            tally(.slow)
            keep(FailureExample(outcome: .slow, offset: offset(of: now), text: "took \(took.millisecondsText)"))
        } else {
            tally(.ok)
        }
    }

    /// Records a failure; the text is only made when it is kept.
    mutating func recordFailure(_ outcome: Outcome, at now: UInt64, text: () -> String) {
        tally(outcome)
        timeline.recordFailure(at: now)
        if examples.count(where: { $0.outcome == outcome }) < Self.exampleLimit {
            keep(FailureExample(outcome: outcome, offset: offset(of: now), text: text()))
        }
    }

    /// A moment of the monotonic clock (nanoseconds), counted from the start of this load: to mark events in a chart.
    package func offset(of nanoseconds: UInt64) -> Duration {
        .nanoseconds(Int64(clamping: nanoseconds) - Int64(clamping: startNanoseconds))
    }
}
