import LoadClient
import SystemdTestKit

/// `systemctl freeze`, which stops every thread of the daemon without its knowing.
enum FreezeScenarios {
    static let all = [short, long, withoutWatchdog]

    /// The first systemd tried that holds the watchdog while a unit is frozen: 257.13, which has it from 258.
    private static let holdsWatchdog = 257

    private static let short = Scenario(
        name: "a freeze for less than WatchdogSec=: every client is answered late, none is lost, and nothing is killed",
        summary: "requests in work and connections that come meanwhile; WatchdogSec=3s for this scenario",
        everyVersion: true
    ) { context in
        try await context.systemctl("start", Hello.adminSocket)
        try await context.inOneProcess(settings: "[Service]\nWatchdogSec=3s\n") { _ in
            try await withLoadEngine { engine in
                let asked = ContinuousClock.now
                async let answers = engine.burst(Hello.greeting(Hello.ipv4, "in-work"), connections: 50)
                try await context.waitForWork(50)
                try await context.freeze()
                async let late = engine.burst(Hello.health(Hello.unix, "meanwhile"), connections: 20)
                // Past the second that a greeting waits.
                try await context.expectSilence(for: .milliseconds(1200), on: engine)
                try await context.systemctl("thaw", Hello.service)
                let thawed = ContinuousClock.now - asked
                for report in [try await answers, try await late] {
                    context.keep(report)
                    try context.expectClean(report)
                    try context.expectUnnoticed(report)
                    try context.expect(report.slowest >= .milliseconds(1200), "nobody has waited: \(report)")
                    try context.expect(report.slowest < thawed + .milliseconds(500), "later than that: \(report)")
                }
                // The watchdog is fed on: longer than its time.
                let fed = try await engine.keepAliveLoad(Hello.greeting(Hello.ipv4, "fed"), connections: 5)
                try await fed.waitForAnswers(20, within: .seconds(20))
                try context.expectClean(await fed.stop())
            }
        }
    }

    private static let long = Scenario(
        name: "a freeze for longer than WatchdogSec=: 257 and 262 hold the watchdog too, and refuse a restart",
        summary: "252 kills it after WatchdogSec= and TimeoutStopSec=, and the next process serves",
        timeout: .seconds(90)
    ) { context in
        try await context.dropIn(Hello.service, "watchdog", "[Service]\nWatchdogSec=2s\nTimeoutStopSec=2s\n")
        try await context.systemctl("start", Hello.adminSocket, Hello.service)
        let pid = try await context.mainPID()
        try await withLoadEngine { engine in
            async let answers = engine.burst(Hello.greeting(Hello.ipv4, "in-work"), connections: 50)
            try await context.waitForWork(50)
            try await context.freeze()
            if context.options.systemdVersion >= holdsWatchdog {
                try await context.expectSilence(for: .seconds(5), on: engine)
                let restart = try await context.systemctl("restart", Hello.service, checked: false)
                try context.expect(!restart.isSuccess, "systemctl restart of a frozen service succeeded")
                try await context.systemctl("thaw", Hello.service)
                let report = try await answers
                context.keep(report)
                try context.expectClean(report)
                try context.expectEqual(try await context.mainPID(), pid, "the process")
                try context.expectEqual(try await context.unitProperty(Hello.service, "NRestarts"), "0", "restarts")
                return
            }
            try await context.wait(
                for: "the watchdog to find it",
                until: { $0 == "stop-watchdog" },
                observing: { try await context.unitProperty(Hello.service, "SubState") }
            )
            let thaw = try await context.systemctl("thaw", Hello.service, checked: false)
            try context.expect(!thaw.isSuccess, "systemctl thaw of a unit that is being killed succeeded")
            // This connection waits in the queue for the next process; those that were open are lost.
            let next = try await engine.get(Hello.ipv4, path: "/healthz", within: .seconds(20))
            try context.expectEqual(next.response.status, 200, "the status")
            let report = try await answers
            context.keep(report)
            try context.expectEqual(report.count(.reset) + report.count(.closed), 50, "connections lost: \(report)")
            let successor = try await context.mainPID()
            try context.expect(successor != pid, "the process is still the same")
            // A restart ends the freeze also for what `systemctl show` says.
            _ = try await context.restart()
            let state = try await context.unitProperty(Hello.service, "FreezerState")
            try context.expectEqual(state, "running", "the freezer's state behind a restart")
        }
    }

    private static let withoutWatchdog = Scenario(
        name: "with WatchdogSec=0 a freeze may last: nothing is killed, and a restart thaws it first or is refused",
        summary: "252 thaws it for a restart, which hands over its connections; 257 and 262 refuse until it is thawed"
    ) { context in
        try await context.dropIn(Hello.service, "watchdog", "[Service]\nWatchdogSec=0\n")
        try await context.systemctl("start", Hello.adminSocket, Hello.service)
        let pid = try await context.mainPID()
        try await withLoadEngine { engine in
            async let answers = engine.burst(Hello.greeting(Hello.ipv4, "in-work"), connections: 50)
            try await context.waitForWork(50)
            try await context.freeze()
            try await context.expectSilence(for: .seconds(3), on: engine)
            let restart = try await context.systemctl("restart", Hello.service, checked: false)
            let isRefused = context.options.systemdVersion >= holdsWatchdog
            try context.expectEqual(restart.isSuccess, !isRefused, "whether systemctl restart succeeds")
            try context.expectEqual(try await context.mainPID() == pid, isRefused, "whether the process is the same")
            if isRefused { try await context.systemctl("thaw", Hello.service) }
            let report = try await answers
            context.keep(report)
            try context.expectClean(report)
            try context.expectUnnoticed(report)
        }
    }
}

extension ScenarioContext {
    /// Freezes the service, until the scenario thaws it or ends.
    fileprivate func freeze() async throws {
        afterwards { [self] in try await systemctl("thaw", Hello.service, checked: false) }
        try await systemctl("freeze", Hello.service)
        try expectEqual(try await unitProperty(Hello.service, "FreezerState"), "frozen", "the freezer's state")
    }

    /// Fails unless a request gets no answer in this time, and one when it is over or later.
    fileprivate func expectSilence(for time: Duration, on engine: LoadEngine) async throws {
        try await RawConnection.withConnection(to: Hello.ipv4, on: engine) { connection in
            try await connection.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            let isSilent = try await connection.staysSilent(for: time)
            try expect(isSilent, "the frozen daemon has answered")
        }
    }
}
