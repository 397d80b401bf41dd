import LoadClient

/// What clients notice of restarts and stops.
enum RestartScenarios {
    static let all = [restarts, stopInWork, killed, watchdog, startsAndStops]

    private static let restarts = Scenario(
        name: "20 × systemctl restart under load: none refused, none reset, no request lost",
        summary: "kept-alive and fresh connections, quick and slow requests, IPv4 and Unix; idle ones may be closed",
        timeout: .seconds(180)
    ) { context in
        try await context.systemctl("start", Hello.service)
        try await withLoadEngine { engine in
            let loads = [
                try await engine.keepAliveLoad(Hello.greeting(Hello.ipv4, "kept-slow"), connections: 100),
                try await engine.keepAliveLoad(
                    Hello.health(Hello.ipv4, "kept-quick"),
                    connections: 50,
                    thinkTime: .milliseconds(20)
                ),
                try await engine.keepAliveLoad(
                    Hello.health(Hello.unix, "kept-unix"),
                    connections: 20,
                    thinkTime: .milliseconds(100)
                ),
                try await engine.freshConnectionLoad(Hello.greeting(Hello.ipv4, "fresh-slow"), concurrency: 50),
                try await engine.freshConnectionLoad(Hello.health(Hello.ipv4, "fresh-quick"), concurrency: 10),
                try await engine.freshConnectionLoad(Hello.health(Hello.unix, "fresh-unix"), concurrency: 5),
            ]
            var marks: [(nanoseconds: UInt64, label: String)] = []
            var times: [Duration] = []
            let clock = ContinuousClock()
            for number in 1...20 {
                try await loads[0].waitForAnswers(50, within: .seconds(20))
                context.progress("restart \(number) of 20")
                let pid = try await context.mainPID()
                marks.append((HostFacts.nanoseconds, "restart \(number)"))
                times.append(try await clock.measure { try await context.systemctl("restart", Hello.service) })
                let next = try await context.mainPID()
                try context.expect(next != pid, "the process is the same after the restart")
            }
            try await loads[0].waitForAnswers(100, within: .seconds(20))
            var reports: [LoadReport] = []
            for load in loads { reports.append(await load.stop()) }
            for report in reports {
                context.keep(report)
                context.keepPicture(report, marks: marks)
            }
            context.measureTotals(reports)
            context.measure("slowest answer", reports.map(\.slowest).max() ?? .zero)
            context.measure("a restart, median", times.sorted()[10])
            for report in reports { try context.expectClean(report) }
        }
    }

    private static let stopInWork = Scenario(
        name: "a stop finishes the requests in work, says so, and exits with 0",
        summary: "200 requests of 3 s; a second SIGTERM meanwhile does no harm"
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
        summary: "SIGSTOP; WatchdogSec=2s for this scenario"
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
