import Foundation
import FoundationXML
import Testing

@testable import HarnessReport

@Suite struct JUnitReportTests {
    @Test func isWellFormedWhateverScenariosSay() throws {
        let nasty = "<&>\"' ]]> \u{0}\u{1B}[0m \u{FFFF}\nü\t𝄞"
        var result = SuiteResult()
        result.apply(.suiteStarted(SuiteInformation(count: 1, facts: [.init(nasty, nasty)])))
        result.apply(.scenarioStarted(name: nasty, summary: nasty))
        result.apply(.note(nasty))
        result.apply(.measurement(Measurement(name: nasty, value: 1, unit: nasty)))
        result.apply(.scenarioFinished(outcome: .failed(reason: nasty, journal: [nasty]), seconds: 1))
        let document = try XMLDocument(xmlString: JUnitReport(result).text)
        let scenario = try #require(try document.nodes(forXPath: "//testcase").first as? XMLElement)
        let expected = "<&>\"' ]]> \u{FFFD}\u{FFFD}[0m \u{FFFD}\nü\t𝄞"
        #expect(scenario.attribute(forName: "name")?.stringValue == expected)
        let failure = try #require(scenario.elements(forName: "failure").first)
        #expect(failure.stringValue == expected + "\n" + expected)
    }

    @Test func countsWhatEndedHow() throws {
        var result = SuiteResult()
        for outcome in [Outcome.passed, .failed(reason: "x", journal: []), .skipped(reason: "y")] {
            result.apply(.scenarioStarted(name: "s", summary: ""))
            result.apply(.scenarioFinished(outcome: outcome, seconds: 1.5))
        }
        let document = try XMLDocument(xmlString: JUnitReport(result).text)
        let suite = try #require(try document.nodes(forXPath: "/testsuites/testsuite").first as? XMLElement)
        for (name, value) in [("tests", "3"), ("failures", "1"), ("skipped", "1"), ("time", "4.500")] {
            #expect(suite.attribute(forName: name)?.stringValue == value)
        }
    }
}

@Suite struct HTMLReportTests {
    static let timeline = Timeline(
        name: "requests <over> time",
        interval: 0.5,
        requests: [10, 0, 20],
        medianMilliseconds: [1, 0, 2],
        longestMilliseconds: [3, 0, 9],
        marks: [.init(seconds: 0.6, label: "restart & more")]
    )

    private var report: String {
        var result = SuiteResult()
        result.apply(.suiteStarted(SuiteInformation(count: 1, facts: [.init("systemd", "252")])))
        result.apply(.scenarioStarted(name: "a <b>", summary: "why"))
        result.apply(.measurement(Measurement(name: "answers", value: 7, unit: "")))
        result.apply(.timeline(Self.timeline))
        result.apply(
            .histogram(
                LatencyHistogram(
                    name: "latency",
                    buckets: [.init(upperMicroseconds: 1000, count: 99), .init(upperMicroseconds: 20_000, count: 1)]
                )
            )
        )
        result.apply(.scenarioFinished(outcome: .failed(reason: "<script>", journal: ["entry <1>"]), seconds: 1))
        return HTMLReport(result).text
    }

    @Test func showsResultsMeasurementsAndTheJournal() {
        for part in ["a &lt;b&gt;", "answers", "&lt;script&gt;", "entry &lt;1&gt;", "0 passed, 1 failed", "252"] {
            #expect(report.contains(part), "\(part)")
        }
        #expect(!report.contains("<script>"))
    }

    @Test func marksRestartsInATimeline() {
        #expect(report.contains("restart &amp; more"))
        #expect(report.contains("class=\"mark\""))
        #expect(report.components(separatedBy: "class=\"bar\"").count == 1 + 3 + 2)
    }

    @Test(arguments: [1, 7, 20, 100])
    func labelsOfMarksDoNotOverlap(count: Int) throws {
        let marks = (0..<count).map {
            Timeline.Mark(seconds: Double($0) * 5 / Double(count), label: "restart \($0 + 1)")
        }
        let timeline = Timeline(
            name: "restarts",
            interval: 0.5,
            requests: Array(repeating: 1, count: 10),
            medianMilliseconds: Array(repeating: 1, count: 10),
            longestMilliseconds: Array(repeating: 1, count: 10),
            marks: marks
        )
        let html = TimelineChart(timeline: timeline).html
        #expect(html.components(separatedBy: "class=\"mark\"").count == count + 1)
        for mark in marks { #expect(html.contains("<title>\(mark.label)</title>")) }
        let labels = html.matches(of: /class="label" x="([0-9.]+)" y="12" text-anchor="(end|middle)">([^<]*)</)
        #expect(!labels.isEmpty)
        var last = -Double.infinity
        for label in labels {
            // As wide as the widest letters would be, at 11 pixels.
            let (x, width) = (try #require(Double(label.1)), Double(label.3.count) * 6.5)
            let start = label.2 == "end" ? x - width : x - width / 2
            #expect(start >= last, "\(label.3)")
            last = start + width
        }
    }

    @Test func interruptsTheLatencyWhereNothingWasAnswered() throws {
        let path = try #require(report.components(separatedBy: "<path class=\"median\"").dropFirst().first)
        let data = try #require(path.components(separatedBy: "d=\"").dropFirst().first?.prefix { $0 != "\"" })
        #expect(data.count { $0 == "M" } == 2)
    }

    @Test func namesThePercentiles() {
        #expect(report.contains("p50 1 ms"))
        #expect(report.contains("p99 1 ms"))
        #expect(report.contains("longest 20 ms"))
    }

    @Test func needsNothingFromElsewhere() {
        for part in ["http:", "https:", "src=", "url(", "@import", "<link"] { #expect(!report.contains(part)) }
    }
}
