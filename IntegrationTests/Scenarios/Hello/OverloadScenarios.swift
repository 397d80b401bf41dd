import Foundation
import LoadClient

/// More than the daemon has room for, and abuse of every kind beside good clients.
enum OverloadScenarios {
    static let all = [resetStorm, descriptors, mixedAbuse]

    private static let resetStorm = Scenario(
        name: "abuse: 5,000 connections that are reset, before, in and behind a request, leave nothing behind",
        summary: "no descriptor, no request in work, and the next client is served"
    ) { context in
        try await AbuseScenarios.start(context)
        let pid = try await context.mainPID()
        let descriptors = ProcessFacts.descriptors(pid)
        let texts = [
            "", "GET / HT", "GET / HTTP/1.1\r\nHost: hello\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1",
        ]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<20 {
                group.addTask {
                    for number in 0..<250 {
                        let connection = try await RawConnection.connect(to: Hello.ipv4)
                        _ = try? await connection.send(texts[(worker + number) % texts.count])
                        await connection.reset()
                    }
                }
            }
            try await group.waitForAll()
        }
        try await context.wait(for: "the descriptors to be as many as before") {
            ProcessFacts.descriptors(pid) <= descriptors
        }
        try await withLoadEngine { engine in
            try context.expectEqual(
                try await engine.get(Hello.ipv4, path: "/healthz").response.status,
                200,
                "the status"
            )
        }
        try await AbuseScenarios.expectNothingInWork(context)
    }

    private static let descriptors = Scenario(
        name: "abuse: without descriptors the daemon pauses, does not spin, and recovers as soon as some come free",
        summary: "LimitNOFILE=96 and 200 clients, all of which are answered in the end",
        timeout: .seconds(90)
    ) { context in
        // More connections are allowed than there are descriptors for.
        try await AbuseScenarios.start(
            context,
            "[Service]\nLimitNOFILE=96\nEnvironment=HELLO_LIMITS_MAX_CONNECTIONS=1000\nEnvironment=HELLO_TIMEOUTS_HEADER=60s HELLO_TIMEOUTS_REQUEST=60s\n"
        )
        let pid = try await context.mainPID()
        var connections: [RawConnection] = []
        for _ in 0..<200 { connections.append(try await RawConnection.connect(to: Hello.ipv4)) }
        let paused = ["MESSAGE_ID=\(Hello.Event.acceptPaused)"]
        try await context.wait(for: "an entry that accepting pauses") {
            try await !context.journal(matching: paused).isEmpty
        }
        let before = try context.require(ProcessFacts.processorTicks(pid), "no processor time")
        try await Task.sleep(for: .seconds(2))
        let used = try context.require(ProcessFacts.processorTicks(pid), "no processor time") - before
        context.measure("processor time in 2 s without descriptors", used * 10, "ms")
        try context.expect(used < 40, "it used \(used * 10) ms of 2 s: it spins")
        try context.expectEqual(try await context.mainPID(), pid, "the process")
        let began = ContinuousClock.now
        for connection in connections {
            try await connection.send("GET /healthz HTTP/1.1\r\nHost: hello\r\nConnection: close\r\n\r\n")
        }
        for connection in connections {
            try context.expectEqual(try await connection.readResponse(within: .seconds(20)).status, 200, "the status")
            await connection.close()
        }
        let took = ContinuousClock.now - began
        context.measure("until all 200 were answered", took)
        try context.expect(took < .seconds(10), "recovery took \(took)")
        try await context.wait(for: "an entry that accepting goes on") {
            try await !context.journal(matching: ["MESSAGE_ID=\(Hello.Event.acceptResumed)"]).isEmpty
        }
        let entries = try await context.journal(matching: paused).count
        try context.expect(entries < 10, "\(entries) entries of one pause")
    }

    private static let mixedAbuse = Scenario(
        name: "abuse: 60 s of every kind of it at once, and good clients get all their answers, p99 at most doubled",
        summary: "slow headers, silence, floods, resets, nonsense and stalled readers beside 20 keep-alive clients",
        timeout: .seconds(150)
    ) { context in
        try await AbuseScenarios.start(context)
        let pid = try await context.mainPID()
        try await withLoadEngine { engine in
            let quiet = try await good(engine, "good clients alone", for: .seconds(10))
            context.keep(quiet)
            let before = ProcessFacts.residentKiB(pid) ?? 0
            let abusers = Task { await abuse(until: ContinuousClock.now + .seconds(60)) }
            let beside = try await good(engine, "good clients beside abuse", for: .seconds(60))
            context.note("\(await abusers.value) abusive connections")
            context.keep(beside)
            context.keepPicture(beside)
            try context.expectClean(quiet)
            try context.expectClean(beside)
            let (calm, stressed) = (quiet.latency(atPercentile: 99), beside.latency(atPercentile: 99))
            context.measure("p99 alone", calm)
            context.measure("p99 beside abuse", stressed)
            context.measure("memory growth", (ProcessFacts.residentKiB(pid) ?? 0) - before, "KiB")
            try context.expect(stressed <= calm * 2, "p99 went from \(calm) to \(stressed)")
        }
        try await AbuseScenarios.expectNothingInWork(context)
        try context.expectEqual(try await context.mainPID(), pid, "the process")
    }

    /// Clients that ask for the greeting, which waits, so that the latency is the product's and not the load's.
    private static func good(_ engine: LoadEngine, _ label: String, for time: Duration) async throws -> LoadReport {
        var plan = Hello.greeting(Hello.ipv4, "good")
        plan.label = label
        let load = try await engine.keepAliveLoad(plan, connections: 20)
        try await Task.sleep(for: time)
        return await load.stop()
    }

    /// Returns how many connections there were.
    private static func abuse(until end: ContinuousClock.Instant) async -> Int {
        await withTaskGroup(of: Int.self) { group in
            for worker in 0..<30 {
                group.addTask {
                    var count = 0
                    while ContinuousClock.now < end {
                        count += 1
                        guard let connection = try? await RawConnection.connect(to: Hello.ipv4) else { continue }
                        await misbehave(connection, kind: (worker + count) % 8)
                        await connection.reset()
                        // Bounded, so that it is the server's behaviour that is shown and not the machine's limits.
                        try? await Task.sleep(for: .milliseconds(50))
                    }
                    return count
                }
            }
            return await group.reduce(0, +)
        }
    }

    private static func misbehave(_ connection: RawConnection, kind: Int) async {
        let head = "GET /healthz HTTP/1.1\r\nHost: hello\r\n"
        switch kind {
        case 0: try? await connection.sendSlowly(head, every: .milliseconds(40))
        case 1: try? await Task.sleep(for: .milliseconds(1500))
        case 2: try? await connection.send("GET / HTTP/1.1\r\nHost: hello\r\n\r\n")
        case 3: try? await connection.send(String(repeating: "\u{16}\u{3}", count: 1000))
        case 4:
            try? await connection.send(head + "A: " + String(repeating: "b", count: 1 << 18), within: .seconds(1))
        case 5:
            try? await connection.setReading(false)
            try? await connection.send(String(repeating: head + "\r\n", count: 500), within: .seconds(1))
        case 6:
            try? await connection.send(head + "Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
            try? await connection.send(String(repeating: "x", count: 1 << 18), within: .seconds(1))
        default:
            try? await connection.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;")
            try? await connection.send(String(repeating: "a", count: 1 << 16), within: .seconds(1))
        }
    }
}
