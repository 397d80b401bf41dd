/// A run as one HTML file that needs nothing else: results, measurements, and what they looked like over time.
public struct HTMLReport {
    private let result: SuiteResult

    /// A report on a run.
    public init(_ result: SuiteResult) {
        self.result = result
    }

    /// The whole document.
    public var text: String {
        let facts = result.information.facts.map {
            "<dt>\(Formatting.escaped($0.name))</dt><dd>\(Formatting.escaped($0.value))</dd>"
        }
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>integration-tests: \(result.summary)</title>
            <style>\(Self.style)</style>
            </head>
            <body>
            <header>
            <h1>integration-tests</h1>
            <p class="summary \(result.isSuccess ? "passed" : "failed")">\(result.summary)</p>
            <dl>\(facts.joined())</dl>
            </header>
            <main>
            \(result.scenarios.map(section).joined(separator: "\n"))
            </main>
            </body>
            </html>

            """
    }

    private func section(_ scenario: SuiteResult.Scenario) -> String {
        var parts: [String] = []
        if !scenario.summary.isEmpty { parts.append("<p>\(Formatting.escaped(scenario.summary))</p>") }
        let status: String
        var detail = ""
        switch scenario.outcome {
        case .passed: status = "passed"
        case .skipped(let reason):
            status = "skipped"
            parts.append("<p class=\"reason\">\(Formatting.escaped(reason))</p>")
        case .failed(let reason, let journal):
            status = "failed"
            parts.append("<pre class=\"reason\">\(Formatting.escaped(reason))</pre>")
            if !journal.isEmpty {
                let lines = Formatting.escaped(journal.joined(separator: "\n"))
                detail = "<details><summary>The journal meanwhile</summary><pre>\(lines)</pre></details>"
            }
        case nil:
            status = "failed"
            parts.append("<p class=\"reason\">it did not finish</p>")
        }
        if !scenario.measurements.isEmpty {
            let rows = scenario.measurements.map {
                "<tr><th scope=\"row\">\(Formatting.escaped($0.name))</th><td>\(Formatting.escaped($0.text))</td></tr>"
            }
            parts.append("<table>\(rows.joined())</table>")
        }
        parts += scenario.notes.map { "<p class=\"note\">\(Formatting.escaped($0))</p>" }
        parts += scenario.timelines.map { TimelineChart(timeline: $0).html }
        parts += scenario.histograms.map { HistogramChart(histogram: $0).html }
        parts.append(detail)
        return """
            <section class="\(status)">
            <h2><span class="status">\(status)</span> \(Formatting.escaped(scenario.name)) \
            <small>\(Formatting.seconds(scenario.seconds))</small></h2>
            \(parts.joined(separator: "\n"))
            </section>
            """
    }
}
