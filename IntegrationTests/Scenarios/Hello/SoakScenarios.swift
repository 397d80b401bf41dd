import LoadClient

/// What shows only in the long run.
enum SoakScenarios {
    static let all = [soak]

    /// Restarts in between, and looks at each process.
    private static let rounds = 10
    private static let connections = 100
    /// What the heap makes of itself from one look to the next. Without file pages it is little: at the least number of
    /// requests, 7,500 between two looks, 18 octets that each left behind would show.
    private static let spread = 128

    private static let soak = Scenario(
        name: "as many requests as --soak says, with 10 restarts in between: memory stays, no descriptor is lost",
        summary: "kept-alive and fresh connections; each process is looked at early in its life and at its end",
        timeout: .seconds(3600)
    ) { context in
        let each = max(1, context.options.soak / rounds)
        try await context.dropIn(
            Hello.service,
            "soak",
            "[Service]\nEnvironment=HELLO_GREETING_DELAY=0 HELLO_LOG_ACCESS=off\n"
        )
        try await context.systemctl("start", Hello.service)
        let idle = try ProcessFacts.descriptors(try await context.mainPID())
        try await withLoadEngine { engine in
            let kept = try await engine.keepAliveLoad(Hello.greeting(Hello.ipv4, "kept"), connections: connections)
            let others = [
                try await engine.keepAliveLoad(
                    Hello.greeting(Hello.unix, "kept-unix"),
                    connections: 10,
                    thinkTime: .milliseconds(5)
                ),
                try await engine.freshConnectionLoad(Hello.greeting(Hello.ipv4, "fresh"), concurrency: 1),
            ]
            var early: [Int] = []
            var late: [Int] = []
            for number in 1...rounds {
                context.progress("round \(number) of \(rounds)")
                let pid = try await context.mainPID()
                try await kept.waitForAnswers(each / 4, within: .seconds(600))
                early.append(try ProcessFacts.anonymousKiB(pid))
                try await kept.waitForAnswers(each - each / 4, within: .seconds(1800))
                late.append(try ProcessFacts.anonymousKiB(pid))
                let descriptors = try ProcessFacts.descriptors(pid)
                // A connection that is closing may still be there, beside the next one.
                try context.expect(
                    descriptors <= idle + connections + 10 + 4,
                    "\(descriptors) descriptors, with \(connections + 11) connections and \(idle) when idle"
                )
                try await context.systemctl("restart", Hello.service)
            }
            var reports = [await kept.stop()]
            for load in others { reports.append(await load.stop()) }
            for report in reports {
                context.keep(report)
                try context.expectClean(report)
            }
            for report in reports.prefix(2) { try context.expectUnnoticed(report) }
            context.measureTotals(reports)
            context.measure("anonymous memory early in a process's life, most", Double(early.max() ?? 0) / 1024, "MiB")
            context.measure("anonymous memory at a process's end, first", Double(late.first ?? 0) / 1024, "MiB")
            context.measure("anonymous memory at a process's end, last", Double(late.last ?? 0) / 1024, "MiB")
            context.measure("anonymous memory at a process's end, most", Double(late.max() ?? 0) / 1024, "MiB")
            for (before, after) in zip(early, late) {
                try context.expect(
                    after <= before + spread,
                    "memory grew from \(before) to \(after) KiB in one process"
                )
            }
            let (first, last) = (late.first ?? 0, late.last ?? 0)
            try context.expect(last <= first + spread, "memory grew from \(first) to \(last) KiB over all processes")
        }
        let pid = try await context.mainPID()
        try await context.wait(
            for: "as many descriptors as before",
            until: { $0 == idle },
            observing: { try ProcessFacts.descriptors(pid) }
        )
        context.measure("descriptors, idle before and after", idle)
    }
}
