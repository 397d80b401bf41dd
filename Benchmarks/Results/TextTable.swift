import HarnessReport

/// The results as text for a terminal.
public struct TextTable {
    private let run: BenchmarkRun
    private let judgements: [Judgement]

    /// Tables of a run.
    public init(_ run: BenchmarkRun, _ judgements: [Judgement]) {
        self.run = run
        self.judgements = judgements
    }

    /// What was measured, every part's table, the goals, and who could not be measured.
    public var text: String {
        let versions = run.servers.filter { $0.failure == nil }.map { [$0.name, $0.version] }
        var blocks = versions.isEmpty ? [] : ["servers\n" + Self.aligned(versions, leading: 2)]
        blocks += run.parts.map(Self.table)
        if !judgements.isEmpty {
            let rows = judgements.map { [$0.verdict.rawValue, $0.part, $0.goal, $0.figure] }
            blocks.append("goals\n" + Self.aligned([["", "part", "goal", "measured"]] + rows, leading: 4))
        }
        let failures = run.servers.compactMap { server in server.failure.map { "  \(server.name): \($0)" } }
        if !failures.isEmpty { blocks.append("not measured\n" + failures.joined(separator: "\n") + "\n") }
        return blocks.joined(separator: "\n")
    }

    /// One part: a line for each server.
    static func table(_ part: PartResult) -> String {
        let head = [""] + part.metrics.map { $0.unit.isEmpty ? $0.title : "\($0.title), \($0.unit)" }
        let rows = part.rows.map { row in
            [row.server] + part.metrics.map { cell(row.summary($0.key)) } + (row.remark.map { [$0] } ?? [])
        }
        return "\(part.id): \(part.title)\n" + aligned([head] + rows, leading: 1)
    }

    /// The median with its spread, or a dash.
    static func cell(_ summary: Summary?) -> String {
        guard let summary else { return "–" }
        let number = Formatting.number
        return "\(number(summary.median)) [\(number(summary.lowest)) … \(number(summary.highest))]"
    }

    /// Columns side by side; so many at the front begin at their left edge, the others end at their right.
    static func aligned(_ rows: [[String]], leading: Int) -> String {
        let columns = rows.first?.count ?? 0
        let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            var line = " "
            for (column, text) in row.enumerated() {
                let width = column < columns ? widths[column] : text.count
                let fill = String(repeating: " ", count: max(0, width - text.count))
                line += " " + (column < leading || column >= columns ? text + fill : fill + text) + " "
            }
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }
}
