import BenchmarkResults
import Foundation
import Testing

@Suite struct RenderingTests {
    private static var run: BenchmarkRun {
        var part = PartResult(
            id: "keepalive",
            title: "A request & an answer",
            method: "wrk <fast>",
            metrics: [Metric("cpu", "CPU", unit: "µs"), Metric("rate", "rate", unit: "requests/s")]
        )
        for value in [9.0, 10, 12] { part.record(["cpu": value, "rate": 1e6 / value], of: "hello") }
        part.record(["cpu": 5], of: "floor")
        part.remark("go: not found", on: "go")
        var run = BenchmarkRun(
            facts: [.init("cores", "2")],
            servers: [
                .init(name: "hello", version: "1", command: "hellod"),
                .init(name: "go", version: "", command: "", failure: "go: not found"),
            ]
        )
        run.parts = [part]
        return run
    }

    private static var judgements: [Judgement] {
        [Goal("keepalive", "cpu", .atMost(20)), Goal("keepalive", "cpu", .below("go"))].compactMap { $0.judge(run) }
    }

    @Test func aTableHasMediansWithTheirSpreadAndDashesWhereThereIsNothing() {
        let lines = TextTable(Self.run, Self.judgements).text.split(separator: "\n").map(String.init)
        #expect(lines.contains("  hello  10 [9 … 12]  100,000 [83,333 … 111,111]"))
        #expect(lines.contains("  floor    5 [5 … 5]" + String(repeating: " ", count: 27) + "–"))
        #expect(lines.contains { $0.hasPrefix("  go ") && $0.hasSuffix("go: not found") })
        #expect(lines.contains { $0.hasPrefix("  met ") && $0.hasSuffix("10 µs") })
        #expect(lines.last == "  go: go: not found")
    }

    @Test func whatWasMeasuredIsNamedWithItsVersions() {
        let text = TextTable(Self.run, []).text
        #expect(text.hasPrefix("servers\n  hello  1\n"))
        #expect(Page(Self.run, []).text.contains("<h3>hello</h3><p>1</p>"))
    }

    @Test func everyServerIsFirstOnce() {
        let rounds = (1...4).map { ["a", "b", "c"].rotated(round: $0) }
        #expect(rounds == [["a", "b", "c"], ["b", "c", "a"], ["c", "a", "b"], ["a", "b", "c"]])
        #expect([Int]().rotated(round: 2) == [])
    }

    @Test func aRowStandsWhereItWasAdded() {
        var part = PartResult(id: "x", title: "", method: "", metrics: [])
        for server in ["hello", "go"] { part.addRow(server) }
        part.record(["cpu": 1], of: "go")
        part.record(["cpu": 2], of: "hello")
        #expect(part.rows.map(\.server) == ["hello", "go"])
    }

    @Test func thePageIsWholeAndEscaped() {
        let page = Page(Self.run, Self.judgements).text
        #expect(page.contains("1 of 2 goals met"))
        #expect(page.contains("A request &amp; an answer"))
        #expect(page.contains("wrk &lt;fast&gt;"))
        #expect(page.contains("not measured: go: not found"))
        #expect(!page.contains("http://") && !page.contains("https://"))
    }

    @Test func aBarEndsAtTheMedianAndItsWhiskerAtTheOutermostRounds() {
        let page = Page(Self.run, []).text
        #expect(page.contains(#"<span class="fill" style="width: 83.33%">"#))
        #expect(page.contains(#"<span class="whisker" style="left: 75.00%; width: 25.00%">"#))
    }

    @Test func theJSONHasEveryRound() throws {
        let text = try JSONDocument(Self.run, Self.judgements).text()
        let object = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let run = try #require(object["run"] as? [String: Any])
        let parts = try #require(run["parts"] as? [[String: Any]])
        let rows = try #require(parts.first?["rows"] as? [[String: Any]])
        let values = try #require(rows.first?["values"] as? [String: [Double]])
        #expect(values["cpu"] == [9, 10, 12])
        #expect((object["goals"] as? [[String: Any]])?.count == 2)
        #expect((object["medians"] as? [[String: Any]])?.count == 3)
    }
}
