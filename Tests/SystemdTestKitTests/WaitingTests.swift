import SystemdTestKit
import Testing

/// How long is waited for something, whatever it takes to find out.
@Suite struct WaitingTests {
    /// This host, of which nothing is asked but to run a program.
    private struct Here: Machine {
        let entry: [String] = []
        let name = "here"
    }

    @Test("A question that gets no answer takes no longer than the wait, and says what was seen before")
    func hanging() async throws {
        let started = ContinuousClock.now
        var asked = 0
        let error = await #expect(throws: WaitedInVain.self) {
            try await Here().wait(for: "an answer", within: .milliseconds(1500)) {
                asked += 1
                if asked > 1 { try await Here().command(["sleep", "100"], timeout: nil).run().successful() }
                return false
            }
        }
        #expect(asked == 2)
        #expect(error?.lastSeen == "it is not so")
        #expect(ContinuousClock.now - started < .seconds(60))
    }

    @Test("A question that gets no answer at all is named")
    func silent() async throws {
        let error = await #expect(throws: WaitedInVain.self) {
            try await Here().wait(for: "an answer", within: .milliseconds(100)) {
                try await Here().command(["sleep", "100"]).run().successful()
                return true
            }
        }
        #expect(error?.lastSeen.hasPrefix("'sleep 100' was killed after ") == true)
    }

    @Test("What is to be so at once is found to be so")
    func atOnce() async throws {
        try await Here().wait(for: "an answer", within: .zero) {
            try await Here().command(["sleep", "0.1"]).run().isSuccess
        }
    }

    @Test("A command that fails within the time is no wait in vain")
    func failing() async throws {
        await #expect(throws: CommandError.self) {
            try await Here().wait(for: "an answer") {
                try await Here().command(["sleep", "100"], timeout: .milliseconds(100)).run().successful()
                return true
            }
        }
    }

    @Test("A wait for an entry of a frozen journal ends in time")
    func frozenJournal() async throws {
        try await withMachine(label: "frozen") { machine in
            try await machine.withFrozenJournal {
                let started = ContinuousClock.now
                await #expect(throws: WaitedInVain.self) {
                    try await machine.waitForEntry(["MESSAGE": "never"], within: .seconds(1))
                }
                #expect(ContinuousClock.now - started < .seconds(20))
            }
        }
    }
}
