/// What a run of scenarios has to say, in the order in which it happens: one line of JSON each on its way out of the
/// machine.
public enum Event: Codable, Sendable, Equatable {
    /// The run begins, with as many scenarios.
    case suiteStarted(SuiteInformation)
    /// A scenario begins.
    case scenarioStarted(name: String, summary: String)
    /// What the running scenario is doing now; replaced by the next.
    case progress(String)
    /// Something worth keeping about the running scenario.
    case note(String)
    /// A figure that the running scenario measured.
    case measurement(Measurement)
    /// A latency distribution that the running scenario measured.
    case histogram(LatencyHistogram)
    /// Requests and latency over time in the running scenario.
    case timeline(Timeline)
    /// The running scenario is over.
    case scenarioFinished(outcome: Outcome, seconds: Double)
    /// The run is over. Without this, it broke off.
    case suiteFinished
}

/// What is known of a run beforehand.
public struct SuiteInformation: Codable, Sendable, Equatable {
    /// How many scenarios will run.
    public var count: Int
    /// Facts about the machine and the program under test, for the head of a report, in order.
    public var facts: [Fact]

    /// One line in the head of a report.
    public struct Fact: Codable, Sendable, Equatable {
        /// What it is about.
        public var name: String
        /// What is the case.
        public var value: String

        /// A fact.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// What is known of a run beforehand.
    public init(count: Int, facts: [Fact] = []) {
        self.count = count
        self.facts = facts
    }
}

/// How a scenario ended.
public enum Outcome: Codable, Sendable, Equatable {
    /// Everything it expects was so.
    case passed
    /// Something was not, and what the journal said meanwhile.
    case failed(reason: String, journal: [String])
    /// It has nothing to say here, and why.
    case skipped(reason: String)
}

/// A figure with a name and a unit.
public struct Measurement: Codable, Sendable, Equatable {
    /// What was measured.
    public var name: String
    /// How much.
    public var value: Double
    /// The unit, as it is printed behind the value: `ms`, `MiB`, `requests/s`, or nothing for a count.
    public var unit: String

    /// A figure with a name and a unit.
    public init(name: String, value: Double, unit: String) {
        self.name = name
        self.value = value
        self.unit = unit
    }

    /// The value with its unit, rounded to what is worth reading: three digits at least, whole thousands in groups.
    public var text: String {
        let number = Formatting.number(value)
        return unit.isEmpty ? number : "\(number) \(unit)"
    }
}

/// How often which latency was seen.
public struct LatencyHistogram: Codable, Sendable, Equatable {
    /// The requests whose latency is at most a bound, and above the bound before.
    public struct Bucket: Codable, Sendable, Equatable {
        /// The largest latency in this bucket, in microseconds.
        public var upperMicroseconds: Double
        /// How many requests.
        public var count: Int

        /// A bucket.
        public init(upperMicroseconds: Double, count: Int) {
            self.upperMicroseconds = upperMicroseconds
            self.count = count
        }
    }

    /// What was measured.
    public var name: String
    /// In rising order of their bounds.
    public var buckets: [Bucket]

    /// A latency distribution.
    public init(name: String, buckets: [Bucket]) {
        self.name = name
        self.buckets = buckets
    }

    /// The bound below which this share of the requests lies, in microseconds; `nil` when there are none.
    public func percentile(_ share: Double) -> Double? {
        let total = buckets.reduce(0) { $0 + $1.count }
        guard total > 0 else { return nil }
        let wanted = max(1, Int((Double(total) * share).rounded(.up)))
        var seen = 0
        for bucket in buckets {
            seen += bucket.count
            if seen >= wanted { return bucket.upperMicroseconds }
        }
        return buckets.last?.upperMicroseconds
    }
}

/// Requests and their latency over time, in intervals of equal length, with what happened marked.
public struct Timeline: Codable, Sendable, Equatable {
    /// Something that happened, such as a restart.
    public struct Mark: Codable, Sendable, Equatable {
        /// When, in seconds from the start.
        public var seconds: Double
        /// What.
        public var label: String

        /// Something that happened.
        public init(seconds: Double, label: String) {
            self.seconds = seconds
            self.label = label
        }
    }

    /// What was measured.
    public var name: String
    /// The length of each interval, in seconds.
    public var interval: Double
    /// How many requests were answered in each interval.
    public var requests: [Int]
    /// The median latency of those, in milliseconds; 0 where there were none.
    public var medianMilliseconds: [Double]
    /// The longest latency of those, in milliseconds.
    public var longestMilliseconds: [Double]
    /// What happened meanwhile.
    public var marks: [Mark]

    /// Requests and their latency over time.
    public init(
        name: String,
        interval: Double,
        requests: [Int],
        medianMilliseconds: [Double],
        longestMilliseconds: [Double],
        marks: [Mark]
    ) {
        self.name = name
        self.interval = interval
        self.requests = requests
        self.medianMilliseconds = medianMilliseconds
        self.longestMilliseconds = longestMilliseconds
        self.marks = marks
    }
}
