import Testing

@testable import HarnessReport

@Suite struct VersionTableTests {
    @Test("Each scenario has a line, with what became of it on each version")
    func table() {
        let table = VersionTable([
            .init(name: "252", result: run([("starts", .passed), ("stops", .passed)])),
            .init(name: "257", result: run([("starts", .passed), ("stops", .failed(reason: "", journal: []))])),
            .init(name: "262", result: run([("starts", .passed), ("freezes", .skipped(reason: ""))])),
        ])
        #expect(
            table.text == """
                252      257      262      scenario
                ok       ok       ok       starts
                ok       FAILED   -        stops
                -        -        skipped  freezes
                2        1        1        passed

                """
        )
    }

    @Test("A scenario that ran twice and failed once has failed")
    func repeated() {
        let result = run([("starts", .failed(reason: "", journal: [])), ("starts", .passed)])
        #expect(VersionTable([.init(name: "252", result: result)]).text.contains("FAILED   starts"))
    }

    private func run(_ scenarios: [(name: String, outcome: Outcome)]) -> SuiteResult {
        var result = SuiteResult()
        for scenario in scenarios {
            result.apply(.scenarioStarted(name: scenario.name, summary: ""))
            result.apply(.scenarioFinished(outcome: scenario.outcome, seconds: 1))
        }
        return result
    }
}
