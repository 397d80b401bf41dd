import Foundation
import HarnessReport

/// One part of the page: how it was measured, bars of its main figure, and the table of all figures.
struct PartSection {
    let part: PartResult

    var html: String {
        """
        <section id="\(Formatting.escaped(part.id))">
        <h2>\(Formatting.escaped(part.title)) <small>\(Formatting.escaped(part.id))</small></h2>
        <p class="note">\(Formatting.escaped(part.method))</p>
        \(part.command.isEmpty ? "" : "<pre>\(Formatting.escaped(part.command))</pre>")
        \(bars)
        <div class="wide"><table>\(head)\(part.rows.map(row).joined(separator: "\n"))</table></div>
        </section>
        """
    }

    /// Bars from the lowest median to the highest, with a whisker from the lowest round to the highest.
    private var bars: String {
        guard let metric = part.metrics.first else { return "" }
        let summaries = part.rows.map { (row: $0, summary: $0.summary(metric.key)) }
        let largest = summaries.compactMap { $0.summary?.highest }.max() ?? 0
        let sorted = summaries.sorted { ($0.summary?.median ?? .infinity) < ($1.summary?.median ?? .infinity) }
        let lines = sorted.map { line in
            let name = Formatting.escaped(line.row.server)
            guard let summary = line.summary, largest > 0 else {
                return "<span>\(name)</span><span class=\"note\">\(Formatting.escaped(line.row.remark ?? "–"))</span>"
            }
            func share(_ value: Double) -> String { String(format: "%.2f%%", max(0, value) / largest * 100) }
            let kind = line.row.server == Goal.subject ? "track hello" : "track"
            return """
                <span>\(name)</span><span class="\(kind)"><span class="fill" style="width: \(share(summary.median))"></span>\
                <span class="whisker" style="left: \(share(summary.lowest)); \
                width: \(share(summary.highest - summary.lowest))"></span></span>\
                <span>\(Formatting.escaped(Goal.withUnit(summary.median, metric.unit)))</span>
                """
        }
        return """
            <h3>\(Formatting.escaped(title(metric)))</h3>
            <div class="bars">\(lines.joined(separator: "\n"))</div>
            """
    }

    private var head: String {
        let cells = part.metrics.map { "<th scope=\"col\">\(Formatting.escaped(title($0)))</th>" }
        return "<tr><th></th>\(cells.joined())</tr>"
    }

    private func row(_ row: PartResult.Row) -> String {
        let cells = part.metrics.map { metric in
            guard let summary = row.summary(metric.key) else { return "<td>–</td>" }
            let number = Formatting.number
            return "<td>\(number(summary.median)) <span class=\"spread\">\(number(summary.lowest)) … "
                + "\(number(summary.highest))</span></td>"
        }
        let remark = row.remark.map { "<td class=\"reason\">\(Formatting.escaped($0))</td>" } ?? ""
        return "<tr><th scope=\"row\">\(Formatting.escaped(row.server))</th>\(cells.joined())\(remark)</tr>"
    }

    private func title(_ metric: Metric) -> String {
        metric.unit.isEmpty ? metric.title : "\(metric.title), \(metric.unit)"
    }
}
