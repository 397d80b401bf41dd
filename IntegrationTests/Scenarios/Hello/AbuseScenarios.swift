import LoadClient

/// Clients that are slow, silent, gone, or many, each while others are served.
enum AbuseScenarios {
    static let all = [
        slowHeader, slowBody, slowReader, silence, halfClose, goneWhileWaiting, pipelines,
    ]

    /// Deadlines that a scenario can wait for.
    static let shortTimeouts = """
        [Service]
        Environment=HELLO_TIMEOUTS_HEADER=1s HELLO_TIMEOUTS_REQUEST=2s
        Environment=HELLO_TIMEOUTS_KEEP_ALIVE=2s HELLO_TIMEOUTS_WRITE=2s

        """

    /// Waits until the daemon says that nothing is in work; the status line is sent every few seconds.
    static func expectNothingInWork(_ context: ScenarioContext) async throws {
        try await context.wait(
            for: "no request in work in the status line",
            within: .seconds(20),
            until: { $0.hasPrefix("Serving: 0 requests in work") },
            observing: { try await context.unitProperty(Hello.service, "StatusText") }
        )
    }

    /// The next client is served.
    static func expectServes(_ context: ScenarioContext) async throws {
        try await withLoadEngine { engine in
            let answer = try await engine.get(Hello.ipv4, path: "/healthz")
            try context.expectEqual(answer.response.status, 200, "the status of the next client")
        }
    }

    private static let head = "GET /healthz HTTP/1.1\r\nHost: hello\r\n"

    private static let slowHeader = Scenario.ofOneProcess(
        name: "abuse: a header section that comes a byte at a time gets 408 at its deadline",
        summary: "no byte prolongs it, on a first request or a later one",
        settings: shortTimeouts
    ) { context, _ in
        for isLater in [false, true] {
            try await RawConnection.withConnection(to: Hello.ipv4) { connection in
                if isLater {
                    try await connection.send(head + "\r\n")
                    try context.expectEqual(try await connection.readResponse().status, 200, "the first status")
                }
                let began = ContinuousClock.now
                async let sending: Void = connection.sendSlowly(head, every: .milliseconds(100))
                let answer = try await connection.readResponse(within: .seconds(5))
                let took = ContinuousClock.now - began
                try context.expectEqual(answer.status, 408, "the status")
                try context.expectEqual(answer["Connection"], "close", "Connection")
                try context.expect(took >= .milliseconds(950) && took < .seconds(2), "408 came after \(took)")
                _ = try? await sending
            }
        }
    }

    private static let slowBody = Scenario.ofOneProcess(
        name: "abuse: a body that comes a byte at a time gets 408 at the request's deadline",
        summary: "with a length and in chunks",
        settings: shortTimeouts
    ) { context, _ in
        let bodies = ["Content-Length: 1000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n"]
        for (fields, piece) in zip(bodies, ["x", "1\r\nx\r\n"]) {
            try await RawConnection.withConnection(to: Hello.ipv4) { connection in
                let began = ContinuousClock.now
                try await connection.send("POST /healthz HTTP/1.1\r\nHost: hello\r\n" + fields)
                let text = String(repeating: piece, count: 200)
                async let sending: Void = connection.sendSlowly(
                    text,
                    pieces: piece.utf8.count,
                    every: .milliseconds(50)
                )
                let answer = try await connection.readResponse(within: .seconds(5))
                let took = ContinuousClock.now - began
                try context.expectEqual(answer.status, 408, "the status")
                try context.expect(took >= .milliseconds(1950) && took < .seconds(3), "408 came after \(took)")
                _ = try? await sending
            }
        }
    }

    private static let slowReader = Scenario.ofOneProcess(
        name: "abuse: a client that reads no answer is cut at its deadline, and costs little memory",
        summary: "10,000 pipelined requests of a large answer on each of ten connections, which stay open",
        settings: shortTimeouts
    ) { context, pid in
        let descriptors = try ProcessFacts.descriptors(pid)
        try await RawConnection.withConnection(to: Hello.ipv4) { connection in
            try await connection.send("GET /docs HTTP/1.1\r\nHost: hello\r\nConnection: close\r\n\r\n")
            try context.expectEqual(try await connection.readResponse().status, 200, "the status")
        }
        try await context.wait(for: "no connection") { try ProcessFacts.descriptors(pid) == descriptors }
        let before = try ProcessFacts.anonymousKiB(pid)
        let request = [UInt8]("GET /docs HTTP/1.1\r\nHost: hello\r\n\r\n".utf8)
        let requests = [UInt8](repeatElement(request, count: 10_000).joined())
        var connections: [RawConnection] = []
        for _ in 0..<10 {
            connections.append(try await RawConnection.connect(to: Hello.ipv4, readsAtOnce: false, receiveBuffer: 4096))
        }
        let began = ContinuousClock.now
        let sending = connections.map { connection in
            // The kernel takes a part of it: the daemon does not read on while its answers are not read.
            Task { _ = try? await connection.send(requests, within: .seconds(8)) }
        }
        try await context.wait(for: "all ten to be accepted") { try ProcessFacts.descriptors(pid) >= descriptors + 10 }
        var peak = before
        var firstCut: Duration?
        // The client's ends are open all the while: it is the daemon that closes.
        try await context.wait(
            for: "the daemon to cut all ten",
            until: { $0 <= descriptors },
            observing: {
                peak = max(peak, try ProcessFacts.anonymousKiB(pid))
                let open = try ProcessFacts.descriptors(pid)
                if open < descriptors + 10, firstCut == nil { firstCut = ContinuousClock.now - began }
                return open
            }
        )
        let last = ContinuousClock.now - began
        let first = try context.require(firstCut, "nobody saw the first cut")
        context.measure("growth with ten stalled readers", peak - before, "KiB")
        context.measure("the first was cut after", first)
        context.measure("the last was cut after", last)
        try context.expect(first >= .milliseconds(1900), "timeouts.write is 2 s; the first was cut after \(first)")
        try context.expect(last < .seconds(5), "timeouts.write is 2 s; the last was cut after \(last)")
        try context.expect(peak - before < 16 << 10, "memory grew by \(peak - before) KiB")
        for task in sending { await task.value }
        for connection in connections { await connection.reset() }
        try await expectServes(context)
    }

    private static let silence = Scenario.ofOneProcess(
        name: "abuse: a connection that says nothing gets 408 at its deadline; an idle one is closed without a word",
        summary: "500 of them at once; 1 s for the one, 2 s for the other",
        settings: shortTimeouts
    ) { context, _ in
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<500 {
                group.addTask {
                    try await RawConnection.withConnection(to: Hello.ipv4) { connection in
                        let isSilent = number % 2 == 0
                        var began = ContinuousClock.now
                        if isSilent {
                            let answer = try await connection.readResponse(within: .seconds(10))
                            try context.expectEqual(answer.status, 408, "the status")
                        } else {
                            try await connection.send(head + "\r\n")
                            try context.expectEqual(try await connection.readResponse().status, 200, "the status")
                            began = ContinuousClock.now
                        }
                        let rest = try await connection.readToEnd(within: .seconds(10))
                        let took = ContinuousClock.now - began
                        try context.expect(rest.isEmpty, "something came behind the answer")
                        let deadline: Duration = isSilent ? .seconds(1) : .seconds(2)
                        try context.expect(
                            took >= deadline - .milliseconds(200) && took < deadline + .seconds(2),
                            "\(isSilent ? "a silent" : "an idle") connection was closed after \(took)"
                        )
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private static let halfClose = Scenario.ofOneProcess(
        name: "abuse: a client that ends its half gets what it asked for, before, during and after the wait",
        summary: "half a request gets 400, nothing gets nothing",
        settings: shortTimeouts
    ) { context, _ in
        let greeting = "GET / HTTP/1.1\r\nHost: hello\r\n\r\n"
        // What is sent, how long after it the half is ended, and what comes back.
        let cases: [(sent: String, pause: Duration, statuses: [Int])] = [
            ("", .zero, []), ("GET", .zero, [400]), (greeting, .zero, [200]), (greeting, .milliseconds(500), [200]),
            (greeting, .milliseconds(1500), [200]), (greeting + greeting, .zero, [200, 200]),
            (greeting + "GET / HT", .zero, [200, 400]),
            ("POST / HTTP/1.1\r\nHost: hello\r\nContent-Length: 5\r\n\r\nab", .zero, [400]),
        ]
        for (sent, pause, statuses) in cases {
            try await RawConnection.withConnection(to: Hello.ipv4) { connection in
                try await connection.send(sent)
                try await Task.sleep(for: pause)
                try await connection.halfClose()
                for status in statuses {
                    try context.expectEqual(try await connection.readResponse().status, status, "the status")
                }
                let rest = try await connection.readToEnd(within: .seconds(5))
                try context.expect(rest.isEmpty, "something came behind the answers")
            }
        }
    }

    private static let goneWhileWaiting = Scenario.ofOneProcess(
        name: "abuse: when clients go during the wait, the requests in work return to 0 at once",
        summary: "500 of them, reset and closed",
        settings: "[Service]\nEnvironment=HELLO_GREETING_DELAY=8s\n"
    ) { context, _ in
        var connections: [RawConnection] = []
        for _ in 0..<500 { connections.append(try await RawConnection.connect(to: Hello.ipv4)) }
        for connection in connections { try await connection.send("GET / HTTP/1.1\r\nHost: hello\r\n\r\n") }
        try await context.wait(
            for: "500 requests in work in the status line",
            until: { $0.hasPrefix("Serving: 500 requests in work") },
            observing: { try await context.unitProperty(Hello.service, "StatusText") }
        )
        let began = ContinuousClock.now
        for connection in connections { await connection.reset() }
        try await expectNothingInWork(context)
        let took = ContinuousClock.now - began
        context.measure("until the status line says 0", took)
        try context.expect(took < .seconds(6), "it took \(took), as though they had been waited for")
    }

    private static let pipelines = Scenario.ofOneProcess(
        name: "abuse: 1,000 pipelined requests, fast and slow, are answered in order, one in work at a time",
        summary: "each answer carries the identifier of its request",
        settings: "[Service]\nEnvironment=HELLO_GREETING_DELAY=2ms\n"
    ) { context, _ in
        for target in [Hello.ipv4, Hello.unix] {
            try await RawConnection.withConnection(to: target) { connection in
                var requests = ""
                for number in 0..<1000 {
                    let path = number % 2 == 0 ? "/healthz" : "/"
                    requests += "GET \(path) HTTP/1.1\r\nHost: hello\r\nX-Request-ID: n-\(number)\r\n\r\n"
                }
                let began = ContinuousClock.now
                async let sending: Void = connection.send(requests, within: .seconds(30))
                for number in 0..<1000 {
                    let answer = try await connection.readResponse(within: .seconds(30))
                    try context.expectEqual(answer.status, 200, "the status of answer \(number)")
                    try context.expectEqual(answer["X-Request-ID"], "n-\(number)", "the request of answer \(number)")
                }
                let took = ContinuousClock.now - began
                // 500 of them wait 2 ms each.
                try context.expect(took >= .seconds(1), "all were answered after \(took): some at the same time")
                try await sending
            }
        }
    }
}
