import Histogram

extension LoadReport: CustomStringConvertible {
    /// One line: counts that are not zero, rate and latencies.
    public var summary: String {
        var parts = ["\(attempted) requests in \(wallTime.secondsText) s"]
        for outcome in Outcome.allCases where count(outcome) > 0 || outcome == .ok {
            parts.append("\(count(outcome)) \(outcome.rawValue)")
        }
        let notes = [
            (idleClosed, "closed idle"), (idleReset, "reset idle"), (closeAnnounced, "announced closes"),
            (closeMissing, "closes missing"), (reconnects, "reconnects"), (connectRetries, "connect retries"),
        ]
        parts += notes.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        if latency.totalCount > 0 {
            let p50 = latency(atPercentile: 50).millisecondsText
            let p99 = latency(atPercentile: 99).millisecondsText
            parts.append("p50 \(p50), p99 \(p99), max \(slowest.millisecondsText)")
        }
        return (label.isEmpty ? "" : "\(label): ") + parts.joined(separator: ", ")
    }

    /// The summary, and a line for each example of a failure.
    public var description: String {
        ([summary] + examples.map { "  \($0)" }).joined(separator: "\n")
    }
}
