import Testing

@testable import HarnessReport

@Suite struct ProgressRendererTests {
    @Test func plainOutputIsWholeLinesWithoutEscapes() {
        var renderer = ProgressRenderer(style: .plain)
        var text = ""
        for event in EventTests.all { text += renderer.render(event) }
        text += renderer.tick(elapsed: 3) + renderer.activity("building", elapsed: 1) + renderer.clear()
        #expect(!text.contains("\u{1B}"))
        #expect(!text.contains("\r"))
        #expect(text.hasSuffix("\n"))
    }

    @Test func aResultComesWithItsMeasurementsBelow() {
        var renderer = ProgressRenderer(style: .plain)
        _ = renderer.render(.scenarioStarted(name: "it restarts", summary: ""))
        _ = renderer.render(.measurement(Measurement(name: "requests", value: 12_345, unit: "")))
        let text = renderer.render(.scenarioFinished(outcome: .passed, seconds: 1.234))
        #expect(text == "✓ it restarts  (1.23 s)\n    requests: 12,345\n")
    }

    @Test func aFailureShowsItsReasonAndTheJournal() {
        var renderer = ProgressRenderer(style: .plain)
        _ = renderer.render(.scenarioStarted(name: "n", summary: ""))
        let text = renderer.render(.scenarioFinished(outcome: .failed(reason: "a\nb", journal: ["entry"]), seconds: 0))
        #expect(text == "✗ n  (0.00 s)\n    a\n    b\n    the journal meanwhile:\n      | entry\n")
    }

    @Test func theLiveLineIsReplacedByTheResult() {
        var renderer = ProgressRenderer(style: .terminal(columns: 80, colours: false))
        #expect(renderer.render(.scenarioStarted(name: "n", summary: "")) == "… n  0.00 s")
        _ = renderer.render(.progress("half"))
        #expect(renderer.tick(elapsed: 2) == "\r\u{1B}[K… n  2.00 s  half")
        #expect(renderer.render(.scenarioFinished(outcome: .passed, seconds: 3)) == "\r\u{1B}[K✓ n  (3.00 s)\n")
        #expect(renderer.tick(elapsed: 4) == "")
    }

    @Test func theLiveLineFitsTheTerminal() {
        var renderer = ProgressRenderer(style: .terminal(columns: 20, colours: true))
        let line = renderer.render(.scenarioStarted(name: String(repeating: "x", count: 100), summary: ""))
        #expect(line.count == 19)
    }

    @Test func whatScenariosSayCannotSteerTheTerminal() {
        var renderer = ProgressRenderer(style: .terminal(columns: 80, colours: false))
        _ = renderer.render(.scenarioStarted(name: "n", summary: ""))
        _ = renderer.render(.note("\u{1B}[2Jgone\u{9B}1m"))
        let journal = ["\u{1B}]0;title\u{7}"]
        let text = renderer.render(.scenarioFinished(outcome: .failed(reason: "\u{1B}c", journal: journal), seconds: 0))
        #expect(
            text.dropFirst("\r\u{1B}[K".unicodeScalars.count).unicodeScalars.allSatisfy {
                $0 != "\u{1B}" && $0 != "\u{9B}"
            }
        )
    }

    @Test(arguments: [
        (0.0, "0"), (12_345, "12,345"), (-1_234_567, "-1,234,567"), (1.234, "1.23"), (123.45, "123.5"),
        (0.001234, "0.00123"), (1234.6, "1,235"), (100, "100"),
    ])
    func numbersAreRoundedToWhatIsWorthReading(value: Double, text: String) {
        #expect(Formatting.number(value) == text)
    }
}
