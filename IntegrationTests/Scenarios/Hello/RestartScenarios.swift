import Glibc
import LoadClient
import SystemdTestKit

/// What clients notice of restarts and stops.
enum RestartScenarios {
    static let all = [stopInWork, killedPolitely, signals, killed, watchdog, startsAndStops]

    private static let stopInWork = Scenario(
        name: "a stop finishes the requests in work, says so, and exits with 0",
        summary: "200 requests of 3 s; a second SIGTERM meanwhile does no harm",
        everyVersion: true
    ) { context in
        try await context.dropIn(Hello.service, "slow", "[Service]\nEnvironment=HELLO_GREETING_DELAY=3s\n")
        try await context.systemctl("start", Hello.service)
        try await withLoadEngine { engine in
            async let answers = engine.burst(Hello.greeting(Hello.ipv4, "in-work"), connections: 200)
            try await context.wait(
                for: "200 requests in work",
                until: { $0.hasPrefix("Serving: 200 requests") },
                observing: { try await context.unitProperty(Hello.service, "StatusText") }
            )
            try await context.systemctl("stop", "--no-block", Hello.service)
            try await context.wait(
                for: "the stop to begin",
                until: { $0.hasPrefix("Draining") },
                observing: { try await context.unitProperty(Hello.service, "StatusText") }
            )
            try await context.systemctl("kill", "--signal=TERM", Hello.service)
            let load = try await answers
            context.keep(load)
            try context.expectClean(load)
            try context.expectEqual(load.closeAnnounced, 200, "answers with Connection: close")
            try await context.wait(
                for: "the unit to be inactive",
                until: { $0 == "inactive" },
                observing: { try await context.unitProperty(Hello.service, "ActiveState") }
            )
        }
        let end = try await context.unitProperties(Hello.service, "Result", "ExecMainCode", "ExecMainStatus")
        try context.expectEqual(end, ["Result": "success", "ExecMainCode": "1", "ExecMainStatus": "0"], "the end")
        for event in [Hello.Event.stopping, Hello.Event.stopped] {
            let entries = try await context.journal(matching: ["MESSAGE_ID=\(event)"])
            try context.expectEqual(entries.count, 1, "entries of \(event)")
        }
    }

    private static let killedPolitely = Scenario(
        name: "systemctl kill announces each close, and resets nothing",
        summary: "SIGTERM of a person's, with requests cycling on 150 connections"
    ) { context in
        try await context.dropIn(Hello.service, "quick", "[Service]\nEnvironment=HELLO_GREETING_DELAY=50ms\n")
        try await context.systemctl("start", Hello.service)
        try await withLoadEngine { engine in
            let loads = [
                try await engine.keepAliveLoad(Hello.greeting(Hello.ipv4, "kept"), connections: 100),
                try await engine.keepAliveLoad(Hello.health(Hello.unix, "kept-unix"), connections: 50),
            ]
            for load in loads { try await load.waitForAnswers(200, within: .seconds(10)) }
            for _ in 0..<3 {
                let pid = try await context.mainPID()
                try await context.systemctl("kill", Hello.service)
                try await context.wait(
                    for: "the next process, which the next connection starts",
                    until: { $0 > 0 && $0 != pid },
                    observing: { Int(try await context.unitProperty(Hello.service, "MainPID")) ?? 0 }
                )
                for load in loads { try await load.waitForAnswers(200, within: .seconds(10)) }
            }
            for load in loads {
                let report = await load.stop()
                context.keep(report)
                try context.expectClean(report)
                try context.expectEqual(report.idleReset, 0, "resets")
                try context.expect(report.closeAnnounced >= 100, "\(report)")
            }
        }
        let entries = try await context.journal(matching: ["MESSAGE_ID=\(Hello.Event.handedOver)"])
        try context.expectEqual(entries.count, 0, "entries of a hand-over")
    }

    private static let signals = Scenario(
        name: "SIGUSR2, SIGTERM and SIGHUP in every order: what the first one says, or a stop",
        summary: "with requests in work; none is lost, and the unit has not failed"
    ) { context in
        // Longer than the second that the status line may lag.
        try await context.dropIn(Hello.service, "slow", "[Service]\nEnvironment=HELLO_GREETING_DELAY=2s\n")
        let orders = [
            ["USR2", "TERM", "HUP"], ["USR2", "HUP", "TERM"], ["TERM", "USR2", "HUP"], ["TERM", "HUP", "USR2"],
            ["HUP", "TERM", "USR2"], ["HUP", "USR2", "TERM"],
        ]
        for order in orders {
            try await context.systemctl("start", Hello.service)
            let pid = try await context.mainPID()
            try await withLoadEngine { engine in
                async let answers = engine.burst(Hello.greeting(Hello.ipv4, "in-work"), connections: 50)
                try await context.wait(
                    for: "50 requests in work",
                    until: { $0.hasPrefix("Serving: 50 requests") },
                    observing: { try await context.unitProperty(Hello.service, "StatusText") }
                )
                for signal in order { kill(pid_t(pid), try context.require(Self.numbers[signal], "no such signal")) }
                let report = try await answers
                context.keep(report)
                try context.expectClean(report)
            }
            try await context.wait(
                for: "the unit to be inactive",
                until: { $0 == ["ActiveState": "inactive", "Result": "success"] },
                observing: { try await context.unitProperties(Hello.service, "ActiveState", "Result") }
            )
        }
    }

    private static let numbers = ["USR2": SIGUSR2, "TERM": SIGTERM, "HUP": SIGHUP]

    private static let killed = Scenario(
        name: "kill -9 under load costs the requests in work, and nothing else",
        summary: "everything that comes meanwhile waits in the socket's queue"
    ) { context in
        try await context.systemctl("start", Hello.service)
        try await withLoadEngine { engine in
            let kept = try await engine.keepAliveLoad(Hello.greeting(Hello.ipv4, "kept"), connections: 100)
            let fresh = try await engine.freshConnectionLoad(Hello.greeting(Hello.ipv4, "fresh"), concurrency: 50)
            try await kept.waitForAnswers(150, within: .seconds(20))
            try await context.systemctl("kill", "--signal=KILL", Hello.service)
            try await kept.waitForAnswers(300, within: .seconds(20))
            try await fresh.waitForAnswers(100, within: .seconds(20))
            for (report, inWork) in [(await kept.stop(), 100), (await fresh.stop(), 50)] {
                context.keep(report)
                let lost = report.count(.reset) + report.count(.closed)
                context.measure("lost of \(report.label)", lost)
                try context.expect(lost <= inWork, "\(report)")
                try context.expectEqual(report.count(.ok) + lost, report.attempted, "answers and losses: \(report)")
            }
        }
        try context.expectEqual(try await context.unitProperty(Hello.service, "NRestarts"), "1", "automatic restarts")
    }

    private static let watchdog = Scenario(
        name: "a daemon that hangs is noticed by the watchdog and started again",
        summary: "SIGSTOP; WatchdogSec=2s for this scenario",
        everyVersion: true
    ) { context in
        try await context.dropIn(Hello.service, "watchdog", "[Service]\nWatchdogSec=2s\n")
        try await context.systemctl("start", Hello.service)
        let pid = try await context.mainPID()
        try await withLoadEngine { engine in
            // Longer than the watchdog's time: it is fed.
            let load = try await engine.keepAliveLoad(Hello.greeting(Hello.ipv4, "fed"), connections: 5)
            try await load.waitForAnswers(15, within: .seconds(20))
            try context.expectClean(await load.stop())
            try context.expectEqual(try await context.mainPID(), pid, "the process after 3 s under load")

            try await context.systemctl("kill", "--signal=STOP", Hello.service)
            let clock = ContinuousClock()
            let began = clock.now
            let answer = try await engine.get(Hello.ipv4, path: "/healthz", within: .seconds(20))
            context.measure("from the hang to an answer of the next process", clock.now - began)
            try context.expectEqual(answer.response.status, 200, "the status")
        }
        let next = try await context.mainPID()
        try context.expect(next != pid, "the process is still the same")
        let said = try await context.journal(unit: Hello.service).compactMap { $0["MESSAGE"] }
        try context.expect(said.contains { $0.contains("Watchdog timeout") }, "systemd says nothing of the watchdog")
    }

    private static let startsAndStops = Scenario(
        name: "50 starts and stops in a row leave the socket alive",
        summary: "systemd's default start limit would take it down after five",
        timeout: .seconds(120)
    ) { context in
        try await context.systemctl("start", Hello.socket)
        try await withLoadEngine { engine in
            for number in 1...50 {
                context.progress("\(number) of 50")
                let answer = try await engine.get(Hello.ipv4, path: "/healthz", within: .seconds(10))
                try context.expectEqual(answer.response.status, 200, "the status")
                try await context.systemctl("stop", Hello.service)
            }
            try context.expectEqual(try await context.unitProperty(Hello.socket, "ActiveState"), "active", Hello.socket)
            let answer = try await engine.get(Hello.ipv4, within: .seconds(10))
            try context.expectEqual(answer.response.text, Hello.greeting, "the greeting")
        }
    }
}
