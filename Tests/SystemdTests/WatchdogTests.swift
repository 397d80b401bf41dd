import Testing

@Suite struct WatchdogTests {
    static let answers: [([String: String], String)] = [
        ([:], "none"),
        (["WATCHDOG_USEC": "3000000"], "3.0 seconds 1.5 seconds"),
        (["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "$$"], "3.0 seconds 1.5 seconds"),
        (["WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"], "none"),
        (["WATCHDOG_PID": "$$"], "none"),
    ]

    @Test(arguments: answers)
    func isWantedWhenTheManagerSaysSoToThisProcess(variables: [String: String], answer: String) throws {
        #expect(try Probe("watchdog", variables).lines().value("watchdog") == answer)
    }

    @Test(arguments: ["", "abc", "0", "-1", "18446744073709551615", "99999999999999999999"])
    func aTimeoutThatIsNoneIsAnError(value: String) throws {
        let lines = try Probe("watchdog", ["WATCHDOG_USEC": value, "WATCHDOG_PID": "$$"]).lines()
        #expect(try #require(lines.value("error")).hasPrefix("WATCHDOG_USEC=\"\(value)\" with WATCHDOG_PID="))
    }

    @Test func aProcessIDThatIsNoneIsAnError() throws {
        let lines = try Probe("watchdog", ["WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "me"]).lines()
        #expect(try #require(lines.value("error")).contains("with WATCHDOG_PID=\"me\""))
    }
}
