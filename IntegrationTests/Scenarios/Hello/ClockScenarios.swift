import Foundation
import LoadClient
import SystemdTestKit

/// Steps of the wall clock, which no deadline of the daemon goes by.
enum ClockScenarios {
    static let all = [underLoad]

    private static let underLoad = Scenario(
        name: "the wall clock steps an hour forwards and two back under load: no request is lost, early or late",
        summary: "with restarts, and steps in the midst of them; no idle connection is closed, and no watchdog fires",
        timeout: .seconds(120)
    ) { context in
        // Shorter than the time between a step and the next restart.
        try await context.dropIn(Hello.service, "watchdog", "[Service]\nWatchdogSec=3s\n")
        try await context.machine.withWallClock(of: Hello.service) { clock in
            try await context.systemctl("start", Hello.service)
            try await withLoadEngine { engine in
                let waiting = try await engine.keepAliveLoad(Hello.greeting(Hello.ipv4, "waiting"), connections: 50)
                let idle = try await engine.keepAliveLoad(
                    Hello.health(Hello.unix, "idle"),
                    connections: 20,
                    thinkTime: .seconds(3)
                )
                try await waiting.waitForAnswers(100, within: .seconds(20))
                var slowest: Duration = .zero
                for step in [Duration.seconds(3600), .seconds(-7200)] {
                    context.progress("a step by \(step)")
                    // Within its 10 s for a head, whatever the wall clock says.
                    let slow = try await RawConnection.connect(to: Hello.ipv4, on: engine)
                    try await slow.send("GET /hea")
                    try await clock.step(by: step)
                    try await context.expectDate(ahead: clock.offset, engine)
                    try await slow.send("lthz HTTP/1.1\r\nHost: x\r\n\r\n")
                    try context.expectEqual(try await slow.readResponse(within: .seconds(5)).status, 200, "status")
                    await slow.close()
                    try await waiting.waitForAnswers(250, within: .seconds(30))
                    try context.expectEqual(try await context.unitProperty(Hello.service, "NRestarts"), "0", "restarts")
                    slowest = max(slowest, try await context.restart())
                    try await context.expectDate(ahead: clock.offset, engine)
                    try await waiting.waitForAnswers(100, within: .seconds(20))
                }
                for step in [Duration.seconds(7200), .seconds(-7200)] {
                    context.progress("a step by \(step) in the midst of a restart")
                    slowest = max(slowest, try await context.restart { try await clock.step(by: step) })
                    try await context.expectDate(ahead: clock.offset, engine)
                    try await waiting.waitForAnswers(100, within: .seconds(20))
                }
                let (waited, rested) = (await waiting.stop(), await idle.stop())
                for report in [waited, rested] {
                    context.keep(report)
                    try context.expectClean(report)
                    try context.expectUnnoticed(report)
                }
                let requests = try await context.travelled()
                try context.expect(requests >= 100, "only \(requests) requests travelled")
                context.measure("requests that travelled", requests)
                let earliest = waited.latency(atPercentile: 0)
                context.measure("earliest answer beyond the second it waits", earliest - .seconds(1))
                context.measure("slowest answer beyond the second it waits", waited.slowest - .seconds(1))
                try context.expect(earliest >= .milliseconds(995), "an answer came early: after \(earliest)")
                let latest = .seconds(1) + slowest + .milliseconds(500)
                try context.expect(waited.slowest < latest, "an answer came late: \(waited), expected \(latest)")
            }
        }
        let said = try await context.journal(unit: Hello.service).compactMap { $0["MESSAGE"] }
        try context.expect(!said.contains { $0.contains("Watchdog timeout") }, "the watchdog has fired")
    }
}

extension ScenarioContext {
    /// Restarts the service, and does something when the old process is gone and the new one yet to begin.
    /// Returns how long `systemctl restart` took.
    fileprivate func restart(with work: () async throws -> Void) async throws -> Duration {
        try await dropIn(Hello.service, "pause", "[Service]\nExecStartPre=/bin/sleep 2\n")
        async let restarted = restart()
        try await wait(
            for: "the time between two processes",
            until: { $0 == "start-pre" },
            observing: { try await unitProperty(Hello.service, "SubState") }
        )
        try await work()
        let state = try await unitProperty(Hello.service, "SubState")
        try expectEqual(state, "start-pre", "the state, when it was done")
        return try await restarted
    }

    /// Fails unless an answer's `Date` is so far ahead of the true time.
    fileprivate func expectDate(ahead offset: Duration, _ engine: LoadEngine) async throws {
        let answer = try await engine.get(Hello.ipv4, path: "/healthz", within: .seconds(10))
        let field = try require(answer.response["Date"], "an answer without Date")
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
        let date = try require(format.date(from: field), "no date: \(field)")
        let ahead = Duration.seconds(date.timeIntervalSinceNow)
        let difference = ahead - offset
        try expect(abs(difference / .seconds(1)) < 5, "Date is \(ahead) ahead, expected \(offset)")
    }
}
