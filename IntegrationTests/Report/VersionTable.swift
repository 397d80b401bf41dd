/// What became of each scenario on each version of systemd: a line for a scenario, a column for a version.
public struct VersionTable: Sendable {
    /// One run.
    public struct Column: Sendable {
        /// Which systemd it was, in a word or two.
        public var name: String
        /// What it brought.
        public var result: SuiteResult

        /// The run on one systemd.
        public init(name: String, result: SuiteResult) {
            self.name = name
            self.result = result
        }
    }

    /// In the order in which they are shown.
    public var columns: [Column]

    /// A table of these runs.
    public init(_ columns: [Column]) {
        self.columns = columns
    }

    /// The table, with the scenarios in the order in which the first run had them.
    public var text: String {
        let widths = columns.map { max($0.name.count, "skipped".count) + 2 }
        func line(_ cells: [String], _ end: String) -> String {
            zip(cells, widths).map { $0.padded(to: $1) }.joined() + end + "\n"
        }
        var names: [String] = []
        for scenario in columns.flatMap(\.result.scenarios) where !names.contains(scenario.name) {
            names.append(scenario.name)
        }
        return line(columns.map(\.name), "scenario")
            + names.map { name in line(columns.map { Self.word($0.result, name) }, Formatting.printable(name)) }
            .joined()
            + line(columns.map { "\($0.result.passed)" }, "passed")
    }

    /// How a scenario ended; one that ran several times has failed when it failed once.
    private static func word(_ result: SuiteResult, _ name: String) -> String {
        let outcomes = result.scenarios.filter { $0.name == name }.map(\.outcome)
        if outcomes.isEmpty { return "-" }
        if outcomes.allSatisfy({ $0 == .passed }) { return "ok" }
        let isSkipped = outcomes.allSatisfy { if case .skipped = $0 { true } else { $0 == .passed } }
        return isSkipped ? "skipped" : "FAILED"
    }
}

extension String {
    /// With blanks behind it, up to this length.
    fileprivate func padded(to length: Int) -> String {
        self + String(repeating: " ", count: max(0, length - count))
    }
}
