import HarnessReport

/// Something that hello should reach in a part.
public struct Goal: Sendable {
    /// The bound.
    public enum Bound: Sendable {
        /// No more than this.
        case atMost(Double)
        /// No less than this.
        case atLeast(Double)
        /// No more than so many times what another server has.
        case atMostTimes(Double, of: String)
        /// Less than another server has.
        case below(String)
    }

    /// The part's identifier.
    public var part: String
    /// The metric's key.
    public var metric: String
    /// The bound on hello's median.
    public var bound: Bound
    /// What to add where it was not reached, when the machine may be why.
    public var caveat: String?

    /// A goal.
    public init(_ part: String, _ metric: String, _ bound: Bound, caveat: String? = nil) {
        self.part = part
        self.metric = metric
        self.bound = bound
        self.caveat = caveat
    }
}

/// What became of a goal in a run.
public struct Judgement: Codable, Sendable, Equatable {
    /// Whether it was reached.
    public enum Verdict: String, Codable, Sendable {
        /// It was.
        case met
        /// It was not.
        case notMet = "not met"
        /// There are no figures to tell by.
        case unknown
    }

    /// The part's identifier.
    public var part: String
    /// What was to be reached.
    public var goal: String
    /// What was measured.
    public var figure: String
    /// Whether it was reached.
    public var verdict: Verdict
}

extension Goal {
    /// Judges by the medians of a run; `nil` when the part was not run.
    public func judge(_ run: BenchmarkRun) -> Judgement? {
        guard let part = run.part(self.part), let metric = part.metrics.first(where: { $0.key == self.metric }) else {
            return nil
        }
        func judgement(_ figure: String, _ verdict: Judgement.Verdict) -> Judgement {
            let addition = verdict == .notMet ? caveat.map { " (\($0))" } ?? "" : ""
            return Judgement(
                part: self.part,
                goal: "\(metric.title) \(text(unit: metric.unit))",
                figure: figure + addition,
                verdict: verdict
            )
        }
        func median(_ server: String) -> Double? { part.row(server)?.summary(self.metric)?.median }
        guard let ours = median(Self.subject) else { return judgement("hello was not measured", .unknown) }
        let value = Self.withUnit(ours, metric.unit)
        func compare(_ other: String, _ factor: Double, strictly: Bool) -> Judgement {
            guard let theirs = median(other), theirs > 0 else {
                return judgement("\(other) was not measured", .unknown)
            }
            let ratio = ours / theirs
            let isMet = strictly ? ratio < factor : ratio <= factor
            let figure = "\(Formatting.number(ratio)) × (\(value) to \(Self.withUnit(theirs, metric.unit)))"
            return judgement(figure, isMet ? .met : .notMet)
        }
        switch bound {
        case .atMost(let most): return judgement(value, ours <= most ? .met : .notMet)
        case .atLeast(let least): return judgement(value, ours >= least ? .met : .notMet)
        case .atMostTimes(let factor, let other): return compare(other, factor, strictly: false)
        case .below(let other): return compare(other, 1, strictly: true)
        }
    }

    /// Whose goals these are.
    static let subject = "hello"

    private func text(unit: String) -> String {
        switch bound {
        case .atMost(let most): "≤ \(Self.withUnit(most, unit))"
        case .atLeast(let least): "≥ \(Self.withUnit(least, unit))"
        case .atMostTimes(1, let other): "≤ \(other)'s"
        case .atMostTimes(let factor, let other): "≤ \(Formatting.number(factor)) × \(other)'s"
        case .below(let other): "below \(other)'s"
        }
    }

    static func withUnit(_ value: Double, _ unit: String) -> String {
        Formatting.number(value) + (unit.isEmpty ? "" : " \(unit)")
    }
}
