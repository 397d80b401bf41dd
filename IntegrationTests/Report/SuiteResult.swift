/// What a run of scenarios has brought so far, gathered from its events.
public struct SuiteResult: Sendable, Equatable {
    /// One scenario, finished or under way.
    public struct Scenario: Sendable, Equatable {
        /// Its name.
        public var name: String
        /// What it is about.
        public var summary: String
        /// How it ended; `nil` as long as it runs.
        public var outcome: Outcome?
        /// How long it took.
        public var seconds: Double = 0
        /// What it noted.
        public var notes: [String] = []
        /// What it measured.
        public var measurements: [Measurement] = []
        /// Its latency distributions.
        public var histograms: [LatencyHistogram] = []
        /// Its requests over time.
        public var timelines: [Timeline] = []
    }

    /// What was known beforehand.
    public private(set) var information = SuiteInformation(count: 0)
    /// Every scenario that has begun, in order.
    public private(set) var scenarios: [Scenario] = []
    /// Whether the run came to its end.
    public private(set) var isFinished = false

    /// A run that has not begun.
    public init() {}

    /// Takes in what happened next.
    public mutating func apply(_ event: Event) {
        switch event {
        case .suiteStarted(let information): self.information = information
        case .scenarioStarted(let name, let summary): scenarios.append(Scenario(name: name, summary: summary))
        case .progress: break
        case .note(let text): update { $0.notes.append(text) }
        case .measurement(let measurement): update { $0.measurements.append(measurement) }
        case .histogram(let histogram): update { $0.histograms.append(histogram) }
        case .timeline(let timeline): update { $0.timelines.append(timeline) }
        case .scenarioFinished(let outcome, let seconds):
            update {
                $0.outcome = outcome
                $0.seconds = seconds
            }
        case .suiteFinished: isFinished = true
        }
    }

    /// Counts the scenario that was under way as failed, since the run broke off. Where none was, the run itself stands in
    /// every report as one that failed.
    public mutating func breakOff(reason: String, journal: [String] = []) {
        if scenarios.last.map({ $0.outcome != nil }) ?? true {
            scenarios.append(Scenario(name: "the run comes to its end", summary: "with exit status 0"))
        }
        update { $0.outcome = .failed(reason: reason, journal: journal) }
    }

    /// How many passed.
    public var passed: Int { scenarios.count { $0.outcome == .passed } }

    /// How many failed.
    public var failed: Int {
        scenarios.count { if case .failed = $0.outcome { true } else { false } }
    }

    /// How many had nothing to say.
    public var skipped: Int {
        scenarios.count { if case .skipped = $0.outcome { true } else { false } }
    }

    /// Whether the run counts as a success: it came to its end, every scenario that it announced has passed, and there was
    /// one. A scenario that was skipped, or never heard of again, has shown nothing.
    public var isSuccess: Bool {
        isFinished && passed > 0 && passed == scenarios.count && passed == information.count
    }

    /// The last line of every run.
    public var summary: String { "\(passed) passed, \(failed) failed, \(skipped) skipped" }

    private mutating func update(_ change: (inout Scenario) -> Void) {
        guard let last = scenarios.indices.last else { return }
        change(&scenarios[last])
    }
}
