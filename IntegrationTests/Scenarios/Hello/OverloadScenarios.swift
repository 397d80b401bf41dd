import Foundation
import LoadClient

/// More than the daemon has room for, and abuse of every kind beside good clients.
enum OverloadScenarios {
    static let all = [resetStorm, descriptors, tooMuchInWork, mixedAbuse]

    private static let resetStorm = Scenario(
        name: "abuse: 5,000 connections that are reset, before, in and behind a request, leave nothing behind",
        summary: "no descriptor, no request in work, and the next client is served"
    ) { context in
        // It counts what was accepted.
        try await context.systemctl("start", "hello-admin.socket")
        try await context.inOneProcess(settings: AbuseScenarios.shortTimeouts) { pid in
            let descriptors = try ProcessFacts.descriptors(pid)
            let texts = [
                "", "GET / HT", "GET / HTTP/1.1\r\nHost: hello\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1",
            ]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<20 {
                    group.addTask {
                        for number in 0..<250 {
                            let connection = try await RawConnection.connect(to: Hello.ipv4)
                            try await connection.send(texts[(worker + number) % texts.count])
                            await connection.reset()
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await context.wait(
                for: "the descriptors to be as many as before",
                until: { $0 <= descriptors },
                observing: { try ProcessFacts.descriptors(pid) }
            )
            try await AbuseScenarios.expectServes(context)
            try await AbuseScenarios.expectNothingInWork(context)
            let accepted = try await context.metric("hello_accepted_connections_total")
            try context.expect(accepted >= 5000, "the daemon has accepted \(accepted) of 5,000 connections")
        }
    }

    private static let descriptors = Scenario.ofOneProcess(
        name: "abuse: without descriptors the daemon pauses, does not spin, and recovers as soon as some come free",
        summary: "LimitNOFILE=96 and 200 clients, all of which are answered in the end",
        timeout: .seconds(90),
        // More connections are allowed than there are descriptors for.
        settings: """
            [Service]
            LimitNOFILE=96
            Environment=HELLO_LIMITS_MAX_CONNECTIONS=1000
            Environment=HELLO_TIMEOUTS_HEADER=60s HELLO_TIMEOUTS_REQUEST=60s

            """
    ) { context, pid in
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

    private static let tooMuchInWork = Scenario(
        name: "overload: what is more than limits.requests_in_work is turned away and counted, and health goes on",
        summary: "the processor time of 20,000 refusals, and of as many answers",
        timeout: .seconds(90)
    ) { context in
        try await context.systemctl("start", "hello-admin.socket")
        let settings = "[Service]\nEnvironment=HELLO_LIMITS_REQUESTS_IN_WORK=20\n"
        try await context.inOneProcess(settings: settings) { pid in try await turnAway(context, pid) }
    }

    private static func turnAway(_ context: ScenarioContext, _ pid: Int) async throws {
        var plan = RequestPlan(target: Hello.ipv4, path: "/hello/x?delay=0")
        var holders: [RawConnection] = []
        for _ in 0..<20 {
            let connection = try await RawConnection.connect(to: Hello.ipv4)
            try await connection.send("GET /hello/x?delay=10 HTTP/1.1\r\nHost: hello\r\n\r\n")
            holders.append(connection)
        }
        let other = try await RawConnection.connect(to: Hello.ipv4)
        let refused = try await context.wait(
            for: "a request too many",
            until: { $0.status == 503 },
            observing: {
                try await other.send("GET /hello/x?delay=0 HTTP/1.1\r\nHost: hello\r\n\r\n")
                return try await other.readResponse(within: .seconds(5))
            }
        )
        try context.expectEqual(refused["Retry-After"], "1", "Retry-After")
        for path in ["/healthz", "/readyz"] {
            try await other.send("GET \(path) HTTP/1.1\r\nHost: hello\r\n\r\n")
            let answer = try await other.readResponse(within: .seconds(5))
            try context.expectEqual(answer.status, 200, "\(path) on the connection of the refused request")
        }
        plan.label = "refused"
        plan.expectedStatus = 503
        let refusal = try await cost(context, plan, pid)
        let counted = try await context.metric(#"hello_rejected_requests_total{reason="overloaded"}"#)
        try context.expect(counted >= 20_000, "\(counted) refusals are counted")
        for connection in holders {
            try context.expectEqual(try await connection.readResponse(within: .seconds(15)).status, 200, "in work")
        }
        plan.label = "answered"
        plan.expectedStatus = 200
        let answer = try await cost(context, plan, pid)
        context.measure("a refusal costs, of an answer", refusal / answer)
    }

    /// The processor time of the daemon for 20,000 requests.
    private static func cost(_ context: ScenarioContext, _ plan: RequestPlan, _ pid: Int) async throws -> Double {
        let before = try context.require(ProcessFacts.processorTicks(pid), "no processor time")
        let report = try await withLoadEngine { engine in
            let load = try await engine.keepAliveLoad(plan, connections: 10)
            try await load.wait(within: .seconds(30)) { $0.count(.ok) >= 20_000 }
            return await load.stop()
        }
        let ticks = try context.require(ProcessFacts.processorTicks(pid), "no processor time") - before
        context.keep(report)
        try context.expectClean(report)
        let cost = Double(ticks) * 10_000 / Double(report.attempted)
        context.measure("\(plan.label), processor time each", cost, "µs")
        return cost
    }

    /// The greeting waits a little, so that the latency is the product's and not the load's.
    private static let mixedSettings = AbuseScenarios.shortTimeouts + "Environment=HELLO_GREETING_DELAY=100ms\n"

    private static let mixedAbuse = Scenario.ofOneProcess(
        name: "abuse: 60 s of every kind of it at once, and good clients get all their answers, p99 at most doubled",
        summary: "slow headers, silence, floods, resets, nonsense and stalled readers beside 20 keep-alive clients",
        timeout: .seconds(150),
        settings: mixedSettings
    ) { context, pid in
        try await withLoadEngine { engine in
            let quiet = try await good(engine, "good clients alone", for: .seconds(10))
            context.keep(quiet)
            let before = try ProcessFacts.anonymousKiB(pid)
            let abusers = Task { await Abuse.run(until: ContinuousClock.now + .seconds(60)) }
            let beside = try await good(engine, "good clients beside abuse", for: .seconds(60))
            let growth = try ProcessFacts.anonymousKiB(pid) - before
            let abuse = await abusers.value
            context.note("abuse: \(abuse)")
            context.keep(beside)
            context.keepPicture(beside)
            try context.expectClean(quiet)
            try context.expectClean(beside)
            // 20 clients, each with an answer every 200 ms at the worst.
            try context.expect(beside.count(.ok) >= 20 * 60 * 5, "good clients got \(beside.count(.ok)) answers")
            let (calm, stressed) = (quiet.latency(atPercentile: 99), beside.latency(atPercentile: 99))
            context.measure("p99 alone", calm)
            context.measure("p99 beside abuse", stressed)
            context.measure("memory growth", growth, "KiB")
            try context.expect(stressed <= calm * 2, "p99 went from \(calm) to \(stressed)")
            try context.expect(growth < 16 << 10, "memory grew by \(growth) KiB")
            try await expectHappened(context, abuse)
        }
        try await AbuseScenarios.expectNothingInWork(context)
    }

    /// The abuse was there, and reached the daemon: every kind of it, and every refusal that it provokes.
    private static func expectHappened(_ context: ScenarioContext, _ abuse: Abuse.Count) async throws {
        try context.expect(abuse.failures.isEmpty, "clients that could not misbehave: \(abuse.failures)")
        for kind in Abuse.Kind.allCases {
            let count = abuse.kinds[kind] ?? 0
            try context.expect(count >= 50, "\(kind) happened \(count) times")
        }
        for status in ["400", "408", "431"] {
            let refused = try await context.journal(
                matching: ["MESSAGE_ID=\(Hello.Event.requestRejected)", "HTTP_STATUS=\(status)"]
            )
            try context.expect(refused.count >= 50, "\(refused.count) refusals with \(status)")
        }
    }

    private static func good(_ engine: LoadEngine, _ label: String, for time: Duration) async throws -> LoadReport {
        var plan = Hello.greeting(Hello.ipv4, "good")
        plan.label = label
        let load = try await engine.keepAliveLoad(plan, connections: 20)
        try await Task.sleep(for: time)
        return await load.stop()
    }
}
