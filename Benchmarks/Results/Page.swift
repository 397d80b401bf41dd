import HarnessReport

/// A run as one HTML page that needs nothing else.
public struct Page {
    private let run: BenchmarkRun
    private let judgements: [Judgement]

    /// The page of a run.
    public init(_ run: BenchmarkRun, _ judgements: [Judgement]) {
        self.run = run
        self.judgements = judgements
    }

    /// The whole document.
    public var text: String {
        let met = judgements.count { $0.verdict == .met }
        let summary = "\(met) of \(judgements.count) goals met"
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>hello, measured beside others</title>
            <style>\(HTMLReport.style)\(Self.style)</style>
            </head>
            <body>
            <header>
            <h1>hello, measured beside others</h1>
            <p class="summary">\(summary)</p>
            \(Self.list(run.facts.map { ($0.name, $0.value) }))
            </header>
            <main>
            \(goals)
            \(run.parts.map { PartSection(part: $0).html }.joined(separator: "\n"))
            \(servers)
            </main>
            </body>
            </html>

            """
    }

    private var goals: String {
        guard !judgements.isEmpty else { return "" }
        let rows = judgements.map { judgement in
            let name = judgement.verdict == .met ? "met" : judgement.verdict == .notMet ? "missed" : "unknown"
            let cells = [judgement.part, judgement.goal, judgement.figure].map { "<td>\(Formatting.escaped($0))</td>" }
            return "<tr class=\"\(name)\"><th scope=\"row\">\(judgement.verdict.rawValue)</th>\(cells.joined())</tr>"
        }
        return """
            <section><h2>Goals</h2><div class="wide"><table class="goals">
            <tr><th></th><th>part</th><th>goal</th><th>measured (medians)</th></tr>
            \(rows.joined(separator: "\n"))
            </table></div></section>
            """
    }

    private var servers: String {
        let items = run.servers.map { server in
            let failure = server.failure.map { "<p class=\"reason\">not measured: \(Formatting.escaped($0))</p>" } ?? ""
            return "<h3>\(Formatting.escaped(server.name))</h3>\(failure)<p>\(Formatting.escaped(server.version))</p>"
                + "<pre>\(Formatting.escaped(server.command))</pre>"
        }
        return "<section><h2>Servers</h2>\(items.joined(separator: "\n"))</section>"
    }

    static func list(_ items: [(String, String)]) -> String {
        let rows = items.map { "<dt>\(Formatting.escaped($0.0))</dt><dd>\(Formatting.escaped($0.1))</dd>" }
        return "<dl>\(rows.joined())</dl>"
    }

    /// What the page has besides the harness's report.
    static let style = """

        section { border-left-color: var(--line); }
        dd { overflow-wrap: anywhere; }
        .wide { overflow-x: auto; }
        .wide th, .wide td { padding: .15rem 1rem .15rem 0; white-space: nowrap; }
        .goals td { text-align: left; }
        tr.met th { color: var(--passed); }
        tr.missed th { color: var(--failed); }
        tr.unknown th { color: var(--skipped); }
        .spread { color: var(--faint); font-size: .8rem; }
        .bars { display: grid; grid-template-columns: max-content 1fr max-content; gap: .3rem .7rem; margin: .6rem 0;
          align-items: center; font-variant-numeric: tabular-nums; }
        .track { position: relative; height: 1.1rem; background: var(--page); border-radius: 3px; }
        .fill { position: absolute; inset: 0 auto 0 0; background: var(--bar); opacity: .55; border-radius: 3px; }
        .hello .fill { background: var(--peak); opacity: .8; }
        .whisker { position: absolute; top: 50%; height: 0; border-top: 2px solid var(--ink); min-width: 2px; }
        .whisker::before, .whisker::after { content: ""; position: absolute; top: -5px; height: 8px;
          border-left: 2px solid var(--ink); }
        .whisker::before { left: 0; } .whisker::after { right: 0; }
        .bars .note { grid-column: 2 / 4; }
        .wide th[scope=col] { text-align: right; }
        @media (max-width: 34rem) { .wide .goals th, .wide .goals td { white-space: normal; padding-right: .5rem; } dl { display: block; } dd { margin: 0 0 .3rem; } body { padding: 1rem .6rem; } }
        """
}
