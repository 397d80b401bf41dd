import LoadClient

/// Many requests at once, each of which waits a second.
enum ConcurrencyScenarios {
    static let all = [bytes] + [1, 100, 1000].map(burst) + [largest, memoryReturned]

    private static let bytes = Scenario.ofOneProcess(
        name: "GET / waits a second and answers {\"Hello\":\"World\"}, byte for byte",
        summary: "with Date, Content-Type, Content-Length and X-Request-ID"
    ) { context, _ in
        try await RawConnection.withConnection(to: Hello.ipv4) { connection in
            let clock = ContinuousClock()
            let began = clock.now
            try await connection.send("GET / HTTP/1.1\r\nHost: hello\r\nX-Request-ID: abc-1\r\n\r\n")
            let answer = try await connection.readResponse(within: .seconds(5))
            let took = clock.now - began
            try context.expectEqual(answer.status, 200, "the status")
            try context.expectEqual(answer.body, Array(Hello.greeting.utf8), "the content")
            try context.expectEqual(answer["Content-Type"], "application/json", "Content-Type")
            try context.expectEqual(answer["Content-Length"], "17", "Content-Length")
            try context.expectEqual(answer["X-Request-ID"], "abc-1", "X-Request-ID")
            try context.expect(answer["Date"]?.hasSuffix(" GMT") == true, "Date is \(answer["Date"] ?? "missing")")
            try context.expect(took >= .seconds(1), "it answered after \(took)")
            context.measure("one greeting", took)
        }
    }

    private static func burst(_ count: Int) -> Scenario {
        Scenario.ofOneProcess(
            name: "\(count) request\(count == 1 ? "" : "s") of a second at once",
            summary: "all answered rightly, 99 of 100 within 1.5 s"
        ) { context, pid in
            let load = try await run(count, context, pid)
            let p99 = load.latency(atPercentile: 99)
            try context.expect(p99 <= .milliseconds(1500), "the 99th percentile is \(p99)")
        }
    }

    private static let largest = Scenario.ofOneProcess(
        name: "as many requests of a second at once as --connections says (10,000)",
        summary: "all answered rightly, in less than 3 s, on no more threads than cores + 4",
        timeout: .seconds(120)
    ) { context, pid in
        let count = context.options.connections
        let load = try await run(count, context, pid)
        if count <= 10_000 {
            try context.expect(load.wallTime < .seconds(3), "\(count) requests took \(load.wallTime)")
        }
    }

    private static let memoryReturned = Scenario.ofOneProcess(
        name: "memory is given back when a peak is over",
        summary: "within 30 s of the last of --connections (10,000) requests, at least half of what they took"
    ) { context, pid in
        try await withLoadEngine { engine in
            _ = try await engine.get(Hello.ipv4, path: "/healthz", within: .seconds(5))
            // Not what is resident: pages of the program's file, which the daemon drops too, may outweigh the heap.
            let before = try ProcessFacts.anonymousKiB(pid)
            let load = try await engine.keepAliveLoad(
                Hello.greeting(Hello.ipv4, "peak"),
                connections: context.options.connections
            )
            // All of them wait at once, more than once.
            try await load.waitForAnswers(2 * context.options.connections, within: .seconds(60))
            let peak = try ProcessFacts.anonymousKiB(pid)
            try context.expectClean(await load.stop())
            // A connection and what waits in it take half a KiB at least.
            let least = context.options.connections / 2
            try context.expect(peak - before >= least, "the peak was \(peak - before) KiB above \(before)")
            let after = try await context.wait(
                for: "memory to be given back",
                within: .seconds(30),
                until: { $0 <= before + (peak - before) / 2 },
                observing: { try ProcessFacts.anonymousKiB(pid) }
            )
            context.measure("anonymous memory before", Double(before) / 1024, "MiB")
            context.measure("anonymous memory at the peak", Double(peak) / 1024, "MiB")
            context.measure("anonymous memory afterwards", Double(after) / 1024, "MiB")
        }
    }

    private static func run(_ count: Int, _ context: ScenarioContext, _ pid: Int) async throws -> LoadReport {
        try await withLoadEngine { engine in
            // One request warms up what every later one shares.
            _ = try await engine.get(Hello.ipv4, path: "/healthz", within: .seconds(5))
            let before = try context.require(ProcessFacts.residentKiB(pid), "no memory figure")
            let sampler = Task {
                var peak = (memory: before, threads: 0)
                while !Task.isCancelled {
                    peak.memory = max(peak.memory, ProcessFacts.residentKiB(pid) ?? 0)
                    peak.threads = max(peak.threads, ProcessFacts.threads(pid) ?? 0)
                    try? await Task.sleep(for: .milliseconds(20))
                }
                return peak
            }
            context.progress("\(count) requests")
            let load = try await engine.burst(
                Hello.greeting(Hello.ipv4, "burst-\(count)"),
                connections: count,
                waitForAll: false
            )
            sampler.cancel()
            let peak = await sampler.value
            context.keep(load)
            context.keepPicture(load)
            context.measure("answered", load.count(.ok))
            context.measure("wall time", load.wallTime)
            context.measure("latency p50", load.latency(atPercentile: 50))
            context.measure("latency p99", load.latency(atPercentile: 99))
            context.measure("latency max", load.slowest)
            context.measure("threads", peak.threads)
            if count >= 1000 {
                context.measure("memory a waiting request", Double(peak.memory - before) / Double(count), "KiB")
            }
            try context.expectClean(load)
            try context.expectEqual(load.count(.ok), count, "right answers")
            try context.expect(
                peak.threads <= HostFacts.cores + 4,
                "\(peak.threads) threads on \(HostFacts.cores) cores"
            )
            return load
        }
    }
}
