import Testing

@testable import HarnessReport

@Suite struct EventTests {
    static let all: [Event] = [
        .suiteStarted(SuiteInformation(count: 2, facts: [.init("kernel", "6.1")])),
        .scenarioStarted(name: "a \"b\"\nc", summary: "ü"),
        .progress("working"),
        .note("line\u{7}"),
        .measurement(Measurement(name: "m", value: 1.5, unit: "ms")),
        .measurement(Measurement(name: "m", value: .infinity, unit: "")),
        .histogram(LatencyHistogram(name: "h", buckets: [.init(upperMicroseconds: 10, count: 3)])),
        .timeline(HTMLReportTests.timeline),
        .scenarioFinished(outcome: .failed(reason: "no", journal: ["one", "two"]), seconds: 2.25),
        .scenarioFinished(outcome: .skipped(reason: "not here"), seconds: 0),
        .suiteFinished,
    ]

    @Test(arguments: all) func comesBackFromItsLine(event: Event) {
        #expect(Event(line: event.line) == event)
        #expect(!event.line.contains("\n"))
    }

    @Test(arguments: ["", "hello", "@event", "@event {}", "{\"progress\":{\"_0\":\"x\"}}"])
    func whatIsNoEventIsNotTakenForOne(line: String) {
        #expect(Event(line: line) == nil)
    }

    @Test func aRunCountsHowItsScenariosEnded() {
        var result = SuiteResult()
        for outcome in [Outcome.passed, .failed(reason: "x", journal: []), .skipped(reason: "y"), .passed] {
            result.apply(.scenarioStarted(name: "s", summary: ""))
            result.apply(.scenarioFinished(outcome: outcome, seconds: 1))
        }
        result.apply(.suiteFinished)
        #expect(result.summary == "2 passed, 1 failed, 1 skipped")
        #expect(!result.isSuccess)
    }

    @Test func aRunThatBreaksOffIsNoSuccess() {
        var result = SuiteResult()
        result.apply(.scenarioStarted(name: "s", summary: ""))
        result.apply(.scenarioFinished(outcome: .passed, seconds: 1))
        #expect(!result.isSuccess)
        result.apply(.scenarioStarted(name: "t", summary: ""))
        result.breakOff(reason: "gone")
        #expect(result.summary == "1 passed, 1 failed, 0 skipped")
    }

    /// A run of so many announced scenarios, of which these were heard of; nil stands for one that never finished.
    private func run(of count: Int, _ outcomes: [Outcome?]) -> SuiteResult {
        var result = SuiteResult()
        result.apply(.suiteStarted(SuiteInformation(count: count)))
        for outcome in outcomes {
            result.apply(.scenarioStarted(name: "s", summary: ""))
            if let outcome { result.apply(.scenarioFinished(outcome: outcome, seconds: 1)) }
        }
        result.apply(.suiteFinished)
        return result
    }

    @Test func aRunIsASuccessWhenAllThatItAnnouncedHasPassed() {
        #expect(run(of: 2, [.passed, .passed]).isSuccess)
    }

    @Test(
        arguments: [
            [.passed, nil], [nil, .passed], [.passed], [.passed, .skipped(reason: "no python3")], [],
        ] as [[Outcome?]]
    )
    func aRunOfTwoIsNoSuccessOtherwise(outcomes: [Outcome?]) {
        #expect(!run(of: 2, outcomes).isSuccess)
    }

    @Test func aRunThatBreaksOffBehindItsLastScenarioIsNoSuccess() {
        var result = run(of: 1, [.passed])
        result.breakOff(reason: "exit status 1")
        #expect(!result.isSuccess)
        #expect(result.summary == "1 passed, 1 failed, 0 skipped")
    }

    @Test func aRunInWhichNothingPassedIsNoSuccess() {
        var result = SuiteResult()
        result.apply(.suiteFinished)
        #expect(!result.isSuccess)
    }

    @Test func aPercentileIsTheBoundBelowWhichThatShareLies() {
        let histogram = LatencyHistogram(
            name: "h",
            buckets: [
                .init(upperMicroseconds: 1, count: 50), .init(upperMicroseconds: 2, count: 49),
                .init(upperMicroseconds: 9, count: 1),
            ]
        )
        #expect(histogram.percentile(0.5) == 1)
        #expect(histogram.percentile(0.51) == 2)
        #expect(histogram.percentile(0.99) == 2)
        #expect(histogram.percentile(1) == 9)
        #expect(LatencyHistogram(name: "", buckets: []).percentile(0.5) == nil)
    }
}
