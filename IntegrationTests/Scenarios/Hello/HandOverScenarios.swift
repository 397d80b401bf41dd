import LoadClient

/// Restarts that no client notices: open connections pass from one process to the next.
enum HandOverScenarios {
    static let all = [hundredRestarts, idleConnections, waitingRequests, halfSent, backToBack]

    private static let hundredRestarts = Scenario(
        name: "100 × systemctl restart under load: no connection refused, reset or closed, no request lost or doubled",
        summary: "kept-alive and fresh connections over IPv4 and Unix sockets; requests of 200 ms and of no time",
        timeout: .seconds(240)
    ) { context in
        try await context.dropIn(Hello.service, "quick", "[Service]\nEnvironment=HELLO_GREETING_DELAY=200ms\n")
        try await context.systemctl("start", Hello.service)
        try await withLoadEngine { engine in
            let kept = [
                try await engine.keepAliveLoad(Hello.greeting(Hello.ipv4, "kept-slow"), connections: 100),
                try await engine.keepAliveLoad(
                    Hello.health(Hello.ipv4, "kept-quick"),
                    connections: 50,
                    thinkTime: .milliseconds(20)
                ),
                try await engine.keepAliveLoad(
                    Hello.health(Hello.ipv4, "kept-idle"),
                    connections: 100,
                    thinkTime: .seconds(3)
                ),
                try await engine.keepAliveLoad(Hello.greeting(Hello.unix, "kept-unix"), connections: 30),
            ]
            let fresh = [
                try await engine.freshConnectionLoad(Hello.greeting(Hello.ipv4, "fresh-slow"), concurrency: 30),
                try await engine.freshConnectionLoad(Hello.health(Hello.unix, "fresh-unix"), concurrency: 3),
            ]
            var marks: [(nanoseconds: UInt64, label: String)] = []
            var times: [Duration] = []
            let clock = ContinuousClock()
            for number in 1...100 {
                try await kept[0].waitForAnswers(50, within: .seconds(20))
                context.progress("restart \(number) of 100")
                marks.append((HostFacts.nanoseconds, "\(number)"))
                times.append(try await clock.measure { try await context.systemctl("restart", Hello.service) })
            }
            try await kept[0].waitForAnswers(100, within: .seconds(20))
            var reports: [LoadReport] = []
            for load in kept + fresh { reports.append(await load.stop()) }
            for report in reports {
                context.keep(report)
                context.keepPicture(report, marks: marks)
            }
            context.measureTotals(reports)
            context.measure("a restart, median", times.sorted()[50])
            context.measure("a restart, slowest", times.max() ?? .zero)
            for report in reports { try context.expectClean(report) }
            for report in reports.prefix(kept.count) { try context.expectUnnoticed(report) }
            let slowest = reports.filter { $0.label.hasSuffix("slow") }.map(\.slowest).max() ?? .zero
            context.measure("slowest answer beyond the 200 ms it waits", slowest - .milliseconds(200))
        }
    }

    private static let idleConnections = Scenario(
        name: "as many idle connections as --connections says (10,000) cross 10 restarts, none closed",
        summary: "each was used before the restarts, and is used again behind them",
        timeout: .seconds(180)
    ) { context in
        let count = context.options.connections
        try await context.systemctl("start", Hello.service)
        try await withLoadEngine { engine in
            let load = try await engine.keepAliveLoad(
                Hello.health(Hello.ipv4, "idle"),
                connections: count,
                thinkTime: .seconds(25)
            )
            _ = try await load.wait(within: .seconds(30)) { $0.count(.ok) >= count }
            var times: [Duration] = []
            for number in 1...10 {
                context.progress("restart \(number) of 10")
                times.append(
                    try await ContinuousClock().measure { try await context.systemctl("restart", Hello.service) }
                )
            }
            let taken = try await context.journal(matching: ["MESSAGE_ID=\(Hello.Event.takenUp)"])
            try context.expectEqual(
                taken.compactMap { Int($0["CONNECTIONS"] ?? "") },
                Array(repeating: count, count: 10),
                "connections taken up by each process"
            )
            _ = try await load.wait(within: .seconds(60)) { $0.count(.ok) >= 2 * count }
            let report = await load.stop()
            context.keep(report)
            context.measure("connections", count)
            context.measure("a restart, median", times.sorted()[5])
            context.measure("a restart, slowest", times.max() ?? .zero)
            try context.expectClean(report)
            try context.expectUnnoticed(report)
        }
    }

    private static let waitingRequests = Scenario(
        name: "a restart while 1,000 requests wait in GET / finishes them, and keeps their connections",
        summary: "the next requests on them are answered by the next process"
    ) { context in
        try await context.systemctl("start", Hello.service)
        try await withLoadEngine { engine in
            let load = try await engine.keepAliveLoad(Hello.greeting(Hello.ipv4, "waiting"), connections: 1000)
            try await context.wait(
                for: "1,000 requests in work",
                until: { $0.hasPrefix("Serving: 1000 requests") },
                observing: { try await context.unitProperty(Hello.service, "StatusText") }
            )
            let took = try await ContinuousClock().measure { try await context.systemctl("restart", Hello.service) }
            try await load.waitForAnswers(2000, within: .seconds(20))
            let report = await load.stop()
            context.keep(report)
            context.measure("the restart", took)
            context.measure("slowest answer beyond the second it waits", report.slowest - .seconds(1))
            try context.expectClean(report)
            try context.expectUnnoticed(report)
        }
    }

    private static let halfSent = Scenario(
        name: "half-sent requests survive a restart",
        summary: "part of a head goes along with its connection; part of a body is waited for"
    ) { context in
        try await context.systemctl("start", Hello.service)
        for (name, target) in [("IPv4", Hello.ipv4), ("Unix", Hello.unix)] {
            try await RawConnection.withConnection(to: target) { connection in
                try await connection.send("GET /hea")
                try await context.wait(
                    for: "the connection to be counted",
                    until: { $0.contains("1 connection,") },
                    observing: { try await context.unitProperty(Hello.service, "StatusText") }
                )
                for _ in 0..<3 { try await context.systemctl("restart", Hello.service) }
                try await connection.send("lthz HTTP/1.1\r\nHost: x\r\n\r\n")
                let answer = try await connection.readResponse(within: .seconds(5))
                try context.expectEqual(answer.status, 200, "the status over \(name)")
                try context.expectEqual(answer.text, #"{"status":"alive"}"#, "the content over \(name)")
            }
        }
        try await RawConnection.withConnection(to: Hello.ipv4) { connection in
            try await connection.send("POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345")
            async let restart = context.systemctl("restart", Hello.service)
            try await context.wait(
                for: "the restart to begin",
                until: { $0.hasPrefix("Draining") },
                observing: { try await context.unitProperty(Hello.service, "StatusText") }
            )
            try await connection.send("67890")
            try context.expectEqual(try await connection.readResponse(within: .seconds(5)).status, 405, "the status")
            _ = try await restart
            try await connection.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            try context.expectEqual(try await connection.readResponse(within: .seconds(5)).status, 200, "the status")
        }
    }

    private static let backToBack = Scenario(
        name: "restarts back to back, without a pause between them",
        summary: "ten, under load"
    ) { context in
        try await context.dropIn(Hello.service, "quick", "[Service]\nEnvironment=HELLO_GREETING_DELAY=50ms\n")
        try await context.systemctl("start", Hello.service)
        try await withLoadEngine { engine in
            let kept = try await engine.keepAliveLoad(Hello.greeting(Hello.ipv4, "kept"), connections: 100)
            let fresh = try await engine.freshConnectionLoad(Hello.greeting(Hello.unix, "fresh"), concurrency: 5)
            try await kept.waitForAnswers(200, within: .seconds(10))
            for _ in 0..<10 { try await context.systemctl("restart", Hello.service) }
            try await kept.waitForAnswers(200, within: .seconds(10))
            for (report, isKept) in [(await kept.stop(), true), (await fresh.stop(), false)] {
                context.keep(report)
                try context.expectClean(report)
                if isKept { try context.expectUnnoticed(report) }
            }
        }
    }
}

extension ScenarioContext {
    /// Fails unless every connection of a load lived through it.
    func expectUnnoticed(_ load: LoadReport, file: String = #fileID, line: Int = #line) throws {
        let noticed = load.reconnects + load.idleClosed + load.idleReset + load.closeAnnounced
        try expect(noticed == 0, "connections were closed: \(load)", file: file, line: line)
    }

    /// Keeps the sums of several loads, each kind of outcome by itself.
    func measureTotals(_ reports: [LoadReport]) {
        let sum = { (count: (LoadReport) -> Int) in reports.reduce(0) { $0 + count($1) } }
        measure("requests", sum { $0.attempted })
        for outcome in Outcome.allCases { measure("\(outcome)", sum { $0.count(outcome) }) }
        measure("idle connections closed", sum { $0.idleClosed + $0.idleReset })
    }
}
