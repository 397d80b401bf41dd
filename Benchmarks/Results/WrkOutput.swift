/// What wrk says at its end.
public struct WrkOutput: Sendable, Equatable {
    /// Why its words mean nothing.
    public struct Unreadable: Error, CustomStringConvertible {
        /// What is wrong.
        public let description: String
    }

    /// Answers that it got.
    public var requests: Int
    /// Answers a second.
    public var rate: Double
    /// The median latency, in milliseconds.
    public var p50Milliseconds: Double
    /// The latency that one answer of a hundred exceeds, in milliseconds.
    public var p99Milliseconds: Double

    /// Reads what `wrk --latency` printed.
    /// - Throws: ``Unreadable``, also where an answer was wrong or missing: a rate of errors is no rate.
    public init(_ text: String) throws(Unreadable) {
        var requests: Int?
        var rate: Double?
        var latencies: [Double] = []
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ", omittingEmptySubsequences: true)
            if words.count > 2, words[1] == "requests", words[2] == "in" { requests = Int(words[0]) }
            if words.count == 2, words[0] == "Requests/sec:" { rate = Double(words[1]) }
            if words.count == 2, words[0] == "50%" || words[0] == "99%", let value = Self.milliseconds(words[1]) {
                latencies.append(value)
            }
            // The numbers are of connects, reads, writes, and answers that took longer than two seconds.
            if line.contains("Socket errors") || line.contains("Non-2xx") {
                throw Unreadable(description: "wrk saw errors: \(line.drop { $0 == " " })")
            }
        }
        guard let requests, requests > 0, let rate, latencies.count == 2 else {
            throw Unreadable(description: "wrk measured nothing: \(text)")
        }
        self.requests = requests
        self.rate = rate
        p50Milliseconds = latencies[0]
        p99Milliseconds = latencies[1]
    }

    /// The number of requests in a line of marks.lua: `sent 20000`.
    public static func mark(_ line: some StringProtocol) -> Int? {
        let words = line.split(separator: " ")
        return words.count == 2 && words[0] == "sent" ? Int(words[1]) : nil
    }

    private static func milliseconds(_ text: some StringProtocol) -> Double? {
        for (unit, factor) in [("us", 0.001), ("ms", 1), ("s", 1000), ("m", 60_000)] where text.hasSuffix(unit) {
            return Double(text.dropLast(unit.count)).map { $0 * factor }
        }
        return nil
    }
}
