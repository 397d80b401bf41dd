import SystemdTestKit
import Testing

/// What a journal must not have, as a test is told of it.
@Suite(.serialized) struct ExpectationTests {
    @Test("A warning that nobody expects fails a test, which names it; one that is allowed does not")
    func warnings() async throws {
        try await withMachine(label: "warns") { machine in
            let begin = try await machine.journalEnd()
            try await machine.says("<4>odd", as: "odd.service")
            try await machine.says("<5>usual", as: "usual.service")
            let error = await #expect(throws: UnexpectedEntries.self) {
                try await machine.expectNothingLogged(after: begin)
            }
            try #require(error?.entries.compactMap { $0["MESSAGE"] } == ["odd"])
            try #require(error?.description.contains("odd.service echo: odd") == true, "\(error.debugDescription)")
            let odd = ["MESSAGE": "odd", "SYSLOG_IDENTIFIER": "echo"]
            try await machine.expectNothingLogged(except: [["MESSAGE": "other"], odd], after: begin)
            await #expect(throws: UnexpectedEntries.self) {
                // All of its fields must be as they are.
                try await machine.expectNothingLogged(except: [odd.merging(["PRIORITY": "3"]) { $1 }], after: begin)
            }
            await #expect(throws: UnexpectedEntries.self) {
                try await machine.expectNothingLogged(except: [[:]], after: begin)
            }
            try await machine.expectNothingLogged(from: .error, after: begin)
            try await machine.expectNothingLogged(unit: "usual.service")
            await #expect(throws: UnexpectedEntries.self) {
                try await machine.expectNothingLogged(from: .notice, unit: "usual.service")
            }
            try await machine.expectNothingLogged(after: try await machine.journalEnd())
        }
    }

    @Test("A warning behind sixty thousand that are allowed is found")
    func flood() async throws {
        try await withMachine(label: "floods") { machine in
            let flood = #"BEGIN { for (i = 0; i < 60000; i++) print "<4>usual"; print "<4>odd" }"#
            _ = try await machine.run(["awk", flood], unit: "floods.service", connectsStreams: false)
            let error = await #expect(throws: UnexpectedEntries.self) {
                try await machine.expectNothingLogged(except: [["MESSAGE": "usual"]], unit: "floods.service")
            }
            try #require(error?.entries.compactMap { $0["MESSAGE"] } == ["odd"])
        }
    }

    @Test("A journal of which not all can be kept is no journal without a warning")
    func tooMuch() async throws {
        try await withMachine(label: "tells-much") { machine in
            // Each of 700 entries is 100 KiB, and comes as text.
            let much = "head -c 70M /dev/zero | tr '\\0' x | fold --width=100000"
            _ = try await machine.run(
                ["sh", "-c", much],
                unit: "tells.service",
                connectsStreams: false
            )
            await #expect(throws: JournalUnreadable.self) { try await machine.journal(unit: "tells.service") }
        }
    }

    @Test(
        "A process that ends by a signal that dumps core is told, and none that ends otherwise",
        arguments: ["SEGV", "ABRT"]
    )
    func crashes(signal: String) async throws {
        try await withMachine(label: "crashes") { machine in
            _ = try await machine.run(["sh", "-c", "exit 3"], unit: "ends.service")
            _ = try await machine.run(["sh", "-c", "kill -TERM $$$$"], unit: "ends.service")
            try await machine.expectNoCrash()
            let begin = try await machine.journalEnd()
            _ = try await machine.run(["sh", "-c", "kill -\(signal) $$$$"], unit: "crashes.service")
            let error = await #expect(throws: UnexpectedEntries.self) { try await machine.expectNoCrash(after: begin) }
            try #require(error?.entries.compactMap { $0["UNIT"] } == ["crashes.service"])
            await #expect(throws: UnexpectedEntries.self) { try await machine.expectNoCrash(unit: "crashes.service") }
            try await machine.expectNoCrash(unit: "ends.service")
            try await machine.expectNoCrash(after: try await machine.journalEnd())
        }
    }

    @Test("A core that was dumped is told")
    func dumped() async throws {
        try await withMachine(label: "dumps") { machine in
            let settings = ["LimitCORE=infinity", "WorkingDirectory=/tmp"]
            _ = try await machine.run(["sh", "-c", "kill -SEGV $$$$"], unit: "dumps.service", properties: settings)
            let error = await #expect(throws: UnexpectedEntries.self) { try await machine.expectNoCrash() }
            try #require(error?.entries.first?["EXIT_CODE"] == "dumped")
        }
    }
}

extension PrivateMachine {
    /// Has a unit say something in the journal.
    fileprivate func says(_ text: String, as unit: String) async throws {
        try await run(["echo", text], unit: unit, connectsStreams: false).successful()
        try await waitForEntry(["MESSAGE": String(text.dropFirst(3))])
    }
}
