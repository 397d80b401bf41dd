import Glibc
import LoadClient
import SystemdTestKit

/// Restarts that no client notices: open connections pass from one process to the next.
enum HandOverScenarios {
    static let all = [
        hundredRestarts, idleConnections, acrossOne, acrossThree, neighbours, hangingUpstream, backToBack, twice,
    ]

    private static let hundredRestarts = Scenario(
        name: "100 × systemctl restart under load: no connection refused, reset or closed, no request lost or doubled",
        summary: "kept-alive and fresh connections over IPv4 and Unix sockets; requests of a second and of no time",
        timeout: .seconds(300)
    ) { context in
        try await context.systemctl("start", Hello.service)
        try await withLoadEngine { engine in
            let quick = try await engine.keepAliveLoad(
                Hello.health(Hello.ipv4, "kept-quick"),
                connections: 50,
                thinkTime: .milliseconds(20)
            )
            let kept = [
                quick,
                try await engine.keepAliveLoad(Hello.greeting(Hello.ipv4, "kept-slow"), connections: 100),
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
            try await kept[1].waitForAnswers(100, within: .seconds(20))
            var marks: [(nanoseconds: UInt64, label: String)] = []
            var times: [Duration] = []
            for number in 1...100 {
                try await quick.waitForAnswers(500, within: .seconds(20))
                context.progress("restart \(number) of 100")
                marks.append((HostFacts.nanoseconds, "\(number)"))
                times.append(try await context.restart())
            }
            try await kept[1].waitForAnswers(100, within: .seconds(20))
            var reports: [LoadReport] = []
            for load in kept + fresh { reports.append(await load.stop()) }
            for report in reports {
                context.keep(report)
                context.keepPicture(report, marks: marks)
            }
            context.measureTotals(reports)
            context.measure("a restart, median", times.sorted()[50])
            context.measure("a restart, slowest", times.max() ?? .zero)
            context.measure("slowest answer to a quick neighbour", reports[0].slowest)
            let slowest = reports.filter { $0.label.hasSuffix("slow") }.map(\.slowest).max() ?? .zero
            context.measure("slowest answer beyond the second it waits", slowest - .seconds(1))
            for report in reports { try context.expectClean(report) }
            for report in reports.prefix(kept.count) { try context.expectUnnoticed(report) }
            let requests = try await context.travelled()
            context.measure("requests that travelled", requests)
            try context.expect(requests > 1000, "only \(requests) requests travelled")
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

    private static let acrossOne = waiting(restarts: 1)
    private static let acrossThree = waiting(restarts: 3)

    private static func waiting(restarts: Int) -> Scenario {
        Scenario(
            name: "as many greetings of a second as --connections says (10,000) travel over \(restarts) restart"
                + (restarts == 1 ? "" : "s"),
            summary: "each is answered once; the restarts wait for none of them",
            timeout: .seconds(120)
        ) { context in
            let count = context.options.connections
            // Long enough for all restarts, which are to find all of them in work.
            let delay = restarts == 1 ? 2 : 4
            try await context.dropIn(Hello.service, "slow", "[Service]\nEnvironment=HELLO_GREETING_DELAY=\(delay)s\n")
            try await context.systemctl("start", Hello.service)
            context.measure("a restart of an idle daemon", try await context.restart())
            try await withLoadEngine { engine in
                async let answers = engine.burst(Hello.greeting(Hello.ipv4, "waiting"), connections: count)
                try await context.wait(
                    for: "all requests in work",
                    until: { $0.hasPrefix("Serving: \(count) requests") },
                    observing: { try await context.unitProperty(Hello.service, "StatusText") }
                )
                var times: [Duration] = []
                for _ in 0..<restarts { times.append(try await context.restart()) }
                let report = try await answers
                context.keep(report)
                context.measure("a restart, slowest", times.max() ?? .zero)
                context.measure("slowest answer beyond the \(delay) s it waits", report.slowest - .seconds(delay))
                try context.expectClean(report)
                try context.expectUnnoticed(report)
                try context.expectEqual(try await context.travelled(), restarts * count, "requests that travelled")
            }
        }
    }

    private static let neighbours = Scenario(
        name: "a restart waits for no client: not for bodies that come slowly, nor for answers that are read slowly",
        summary: "100 of each, and 100 half heads; quick neighbours are served on"
    ) { context in
        try await context.systemctl("start", Hello.service)
        context.measure("a restart of an idle daemon", try await context.restart())
        try await withLoadEngine { engine in
            let quick = try await engine.keepAliveLoad(
                Hello.health(Hello.ipv4, "quick"),
                connections: 20,
                thinkTime: .milliseconds(20)
            )
            var slow: [(connection: RawConnection, rest: String, status: Int)] = []
            for number in 0..<300 {
                let target = number % 2 == 0 ? Hello.ipv4 : Hello.unix
                let connection = try await RawConnection.connect(to: target, on: engine)
                switch number % 3 {
                case 0:
                    try await connection.send("PUT /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345")
                    slow.append((connection, "67890", 405))
                case 1:
                    try await connection.send("GET /hea")
                    slow.append((connection, "lthz HTTP/1.1\r\nHost: x\r\n\r\n", 200))
                default:
                    try await connection.send("PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n123")
                    slow.append((connection, "45\r\n0\r\n\r\n", 405))
                }
            }
            let pages = try await readers(engine)
            try await context.wait(
                for: "all connections",
                until: { $0.contains(" 420 connections") },
                observing: { try await context.unitProperty(Hello.service, "StatusText") }
            )
            try await quick.waitForAnswers(100, within: .seconds(10))
            var times: [Duration] = []
            for _ in 0..<3 { times.append(try await context.restart()) }
            for (connection, rest, status) in slow {
                try await connection.send(rest)
                try context.expectEqual(try await connection.readResponse(within: .seconds(5)).status, status, "status")
                await connection.close()
            }
            for connection in pages {
                try await connection.setReading(true)
                for _ in 0..<pagesEach {
                    try context.expectEqual(
                        try await connection.readResponse(within: .seconds(9)).status,
                        200,
                        "status"
                    )
                }
                await connection.close()
            }
            try await quick.waitForAnswers(100, within: .seconds(10))
            let report = await quick.stop()
            context.keep(report)
            context.measure("a restart, slowest", times.max() ?? .zero)
            context.measure("slowest answer to a quick neighbour", report.slowest)
            try context.expectClean(report)
            try context.expectUnnoticed(report)
        }
    }

    private static let hangingUpstream = Scenario(
        name: "a restart does not wait for an upstream that hangs, and its answer comes when it would have come",
        summary: "GET /aggregate of an upstream that accepts and says nothing; aggregate.timeout is 3 s"
    ) { context in
        let upstream = try SilentListener()
        try await context.writeFile(
            Hello.configurationFile,
            "aggregate:\n  timeout: 3s\n  upstreams:\n    hangs: http://127.0.0.1:\(upstream.port)/\n"
        )
        let path = "/usr/local/share/doc/hello/drop-ins/upstreams.conf"
        try await context.dropIn(
            Hello.service,
            "upstreams",
            try context.require(FileText.read(path), "\(path) is not installed")
        )
        try await context.systemctl("start", Hello.service)
        context.measure("a restart of an idle daemon", try await context.restart())
        try await RawConnection.withConnection(to: Hello.ipv4) { connection in
            let clock = ContinuousClock()
            let asked = clock.now
            try await connection.send("GET /aggregate HTTP/1.1\r\nHost: x\r\n\r\n")
            try await context.wait(
                for: "the request in work",
                until: { $0.hasPrefix("Serving: 1 request in work") },
                observing: { try await context.unitProperty(Hello.service, "StatusText") }
            )
            context.measure("the restart", try await context.restart())
            let answer = try await connection.readResponse(within: .seconds(10))
            context.measure("the answer beyond the 3 s that it has", clock.now - asked - .seconds(3))
            try context.expectEqual(answer.status, 502, "the status")
            try context.expect(answer.text.contains("timeout"), answer.text)
        }
        try context.expectEqual(try await context.travelled(), 1, "requests that travelled")
    }

    private static let pagesEach = 60

    /// Clients that ask for more than the kernel holds of the answers, and do not read yet.
    private static func readers(_ engine: LoadEngine) async throws -> [RawConnection] {
        var connections: [RawConnection] = []
        for _ in 0..<100 {
            let connection = try await RawConnection.connect(
                to: Hello.ipv4,
                readsAtOnce: false,
                receiveBuffer: 4096,
                on: engine
            )
            try await connection.send(String(repeating: "GET /docs HTTP/1.1\r\nHost: x\r\n\r\n", count: pagesEach))
            connections.append(connection)
        }
        return connections
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
            try await context.expectNothingNoticed(kept, fresh)
        }
    }

    private static let twice = Scenario(
        name: "a second restart in the midst of the first one loses nothing, 60 times",
        summary: "it comes 0 to 59 ms behind the first one",
        timeout: .seconds(120),
        everyVersion: true
    ) { context in
        try await context.systemctl("start", Hello.service)
        try await withLoadEngine { engine in
            let kept = try await engine.keepAliveLoad(Hello.health(Hello.ipv4, "kept"), connections: 10)
            let fresh = try await engine.freshConnectionLoad(Hello.health(Hello.unix, "fresh"), concurrency: 2)
            for number in 0..<60 {
                context.progress("\(number + 1) of 60")
                try await kept.waitForAnswers(20, within: .seconds(10))
                try await context.systemctl("restart", "--no-block", Hello.service)
                // The moment itself is what varies; nothing waits for it.
                try await Task.sleep(for: .milliseconds(number))
                try await context.systemctl("restart", Hello.service)
            }
            try await context.expectNothingNoticed(kept, fresh)
        }
    }
}

extension ScenarioContext {
    /// Restarts the service. Returns how long `systemctl restart` took.
    func restart() async throws -> Duration {
        let before = try await mainPID()
        let took = try await ContinuousClock().measure { try await systemctl("restart", Hello.service) }
        let after = try await mainPID()
        try expect(after != before, "the process is the same after the restart")
        return took
    }

    /// How many requests in work were taken up from the processes before, in all.
    func travelled() async throws -> Int {
        try await journal(matching: ["MESSAGE_ID=\(Hello.Event.takenUp)"]).compactMap { Int($0["REQUESTS"] ?? "") }
            .reduce(0, +)
    }

    /// Fails unless every connection of a load lived through it.
    func expectUnnoticed(_ load: LoadReport, file: String = #fileID, line: Int = #line) throws {
        let noticed = load.reconnects + load.idleClosed + load.idleReset + load.closeAnnounced
        try expect(noticed == 0, "connections were closed: \(load)", file: file, line: line)
    }

    /// Ends loads, and fails unless they noticed nothing.
    func expectNothingNoticed(_ kept: SteadyLoad, _ fresh: SteadyLoad) async throws {
        let (keptReport, freshReport) = (await kept.stop(), await fresh.stop())
        for report in [keptReport, freshReport] {
            keep(report)
            try expectClean(report)
        }
        try expectUnnoticed(keptReport)
    }

    /// Keeps the sums of several loads, each kind of outcome by itself.
    func measureTotals(_ reports: [LoadReport]) {
        let sum = { (count: (LoadReport) -> Int) in reports.reduce(0) { $0 + count($1) } }
        measure("requests", sum { $0.attempted })
        for outcome in Outcome.allCases { measure("\(outcome)", sum { $0.count(outcome) }) }
        measure("idle connections closed", sum { $0.idleClosed + $0.idleReset })
    }
}

/// A server whose connections are made, and which says nothing on them.
private final class SilentListener: Sendable {
    let port: UInt16
    private let descriptor: CInt

    init() throws {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (number, size) = (descriptor, length)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(number, $0, size) == 0 && listen(number, 8) == 0 && getsockname(number, $0, &length) == 0
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        guard isListening else { throw ExpectationFailed(description: "no listener: errno \(errno)") }
    }

    deinit { close(descriptor) }
}
