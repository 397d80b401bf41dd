import Glibc
import HTTPTypes
import Testing

@testable import HTTPServer

@Suite("What one client can take", .serialized)
struct BoundsTests {
    @Test("of a turn: a few of the requests that it pipelines, and then it is others' turn")
    func pipelined() throws {
        let pair = try LoopPair()
        try pair.send(String(repeating: get("/1"), count: 20))
        pair.loop.turn(mayWait: false)
        #expect(pair.context.counters.answered.current == Connection.requestsPerTurn)
        pair.loop.turn(mayWait: false)
        #expect(pair.context.counters.answered.current == 2 * Connection.requestsPerTurn)
        for _ in 0..<3 { pair.loop.turn(mayWait: false) }
        #expect(pair.context.counters.answered.current == 20)
    }

    @Test("of a turn: many deadlines that pass at once are looked at in several")
    func expiries() throws {
        let pair = try LoopPair(connections: 200)
        pair.clock.advance(by: .seconds(11))
        pair.loop.turn(mayWait: false)
        var left = [pair.context.connections.count { $0.state.phase == .idle }]
        while left.last != 0 {
            pair.loop.turn(mayWait: false)
            left.append(pair.context.connections.count { $0.state.phase == .idle })
            try #require(left.count < 10)
        }
        for (before, after) in zip([200] + left, left) { #expect(before - after <= LoopContext.expiriesPerTurn) }
    }

    @Test(
        "of time: what was sent in time is read before a deadline is held against it, even if this process stood still"
    )
    func deadlineAfterAStall() throws {
        let pair = try LoopPair(connections: 300)
        // More than one wait tells of, so that some are looked at before they are read.
        for number in 0..<300 { try pair.send(get("/1", "Connection: close"), on: number) }
        pair.clock.advance(by: .seconds(20))
        for _ in 0..<20 { pair.loop.turn(mayWait: false) }
        #expect(pair.context.counters.answered.current == 300)
        #expect(pair.context.counters.refused.current == 0)
    }

    @Test("of a stop: one that always has half a further request sent is told to go like the others")
    func halfRequests() async throws {
        try await TestServer.run(loops: 1) { test in
            let (client, idle) = (try test.client(), try test.client())
            try await client.send(get("/hold") + "GET /ha")
            try await idle.send(get("/1"))
            #expect(try await idle.answer()?.body == "/1")
            try await eventually("it is in work") { test.gate.waiting == 1 }
            async let result = test.server.drain(timeout: .seconds(20))
            // The loop's idle connection ends: so the drain has reached the other one, too.
            #expect(try await idle.answer() == nil)
            idle.close()
            test.gate.release()
            #expect(try await client.answer()?.closes == true)
            client.close()
            #expect(await result == HTTPServer.DrainResult())
        }
    }

    @Test("of memory: answers that are not read have a budget, past which others get 503 and Retry-After")
    func unread() async throws {
        try await TestServer.run(unreadAnswers: 70_000, loops: 1) { test in
            let slow = try test.client(receiveBuffer: 4096)
            try await slow.send(String(repeating: get("/large"), count: 200))
            try await eventually("answers pile up") { test.server.unread.octets > 0 }
            let others = try (0..<3).map { _ in try test.client(receiveBuffer: 4096) }
            for other in others { try await other.send(String(repeating: get("/large"), count: 200)) }
            try await eventually("the budget is used up") { !test.server.unread.affords(65536) }
            let client = try test.client()
            try await client.send(get("/large"))
            let answer = try #require(try await client.answer())
            #expect(answer.status == 503 && answer.field("Retry-After") == "1")
            // Small ones are always given.
            try await client.send(get("/small"))
            #expect(try await client.answer()?.status == 200)
            for other in others + [slow] { other.reset() }
            try await eventually("it is given back") { test.server.unread.octets == 0 }
            try await client.send(get("/large"))
            #expect(try await client.answer()?.status == 200)
        }
    }

    @Test("of memory: the content of a request whose time is over is let go")
    func contentInTime() throws {
        let pair = try LoopPair()
        try pair.send(String(post("/content", String(repeating: "x", count: 300)).dropLast()))
        pair.loop.turn(mayWait: false)
        #expect(pair.context.content.octets == 299)
        pair.clock.advance(by: .seconds(31))
        for _ in 0..<4 { pair.loop.turn(mayWait: false) }
        #expect(pair.context.counters.refused.current == 1)
        #expect(pair.context.content.octets == 0)
    }

    @Test("of the administrators' connections: none")
    func administrators() async throws {
        let (listener, admin) = (try TestListener.tcp(), try TestListener.unix())
        try await TestServer.run(listener, maxConnections: 1, loops: 1) { test in
            let descriptor = fcntl(admin.descriptor, F_DUPFD_CLOEXEC, 3)
            try await test.server.serve(.init(name: "admin", descriptor: descriptor, isTCP: false, maxConnections: 2))
            let clients = try (0..<3).map { _ in try test.client() }
            for client in clients { try client.sendNow(get("/hold")) }
            try await eventually("it is full") { test.gate.waiting == 1 }
            let operators = try (0..<3).map { _ in try Client(admin) }
            for number in 0..<2 {
                try await operators[number].send(get("/1"))
                #expect(try await operators[number].answer()?.status == 200)
            }
            // They have a bound of their own.
            try await operators[2].send(get("/1"))
            #expect(try await operators[2].isSilent(forMilliseconds: 100))
            operators[0].close()
            #expect(try await operators[2].answer()?.status == 200)
            #expect(test.gate.waiting == 1)
        }
    }

    @Test("the last listener's failure is told, and an earlier one's is not taken for it")
    func listenersFail() async throws {
        let (first, second) = (try TestListener.tcp(), try TestListener.unix())
        try await TestServer.run(first, loops: 1) { test in
            let descriptor = fcntl(second.descriptor, F_DUPFD_CLOEXEC, 3)
            try await test.server.serve(.init(name: "other", descriptor: descriptor, isTCP: false))
            shutdown(first.descriptor, CInt(SHUT_RDWR))
            try await eventually("one has failed") { test.observer.seen.contains("paused listener_failed") }
            #expect(!test.observer.seen.contains("listeners failed"))
            shutdown(second.descriptor, CInt(SHUT_RDWR))
            try await eventually("the last one has failed") { test.observer.seen.contains("listeners failed") }
        }
    }

    @Test("of a long head, what nobody needs is let go while its answer waits")
    func reducedHead() throws {
        let long = String(repeating: "x", count: 3000)
        let text = get(
            "/a?b",
            "X-Long: \(long)",
            "tracestate: k=v",
            "X-Request-ID: id",
            "Connection: close",
            "Cookie: \(long)"
        )
        let octets = Array(text.utf8)
        let head = try #require(RequestParser.takingUp(octets, nil, limits: .unlimited)?.head)
        #expect(head.octets == octets && head.reduced(to: nil) == nil)
        let reduced = try #require(head.reduced(to: ["tracestate"]))
        #expect(reduced.length < 200)
        #expect(reduced.target == "/a?b" && reduced.requestID == "id")
        #expect(reduced.values(ofField: "tracestate") == ["k=v"] && reduced.values(ofField: "x-long").isEmpty)
        #expect(reduced.semantics == head.semantics)
        #expect(reduced.reduced(to: ["tracestate"]) == nil)
    }
}

/// Connections on a loop that the test turns, with a clock that the test moves.
private struct LoopPair {
    final class Clock: @unchecked Sendable {
        private(set) var now = MonotonicTime(nanoseconds: 1_000_000_000_000)
        func advance(by amount: Duration) { now = now + amount }
    }

    private struct Nobody: ServerObserver {}

    let clock = Clock()
    let loop: EpollLoop
    let context: LoopContext
    private let clients: Descriptors

    private final class Descriptors {
        var numbers: [CInt] = []
        deinit { for number in numbers { close(number) } }
    }

    init(connections: Int = 1) throws {
        loop = try EpollLoop(time: { [clock] in clock.now })
        context = LoopContext(eventLoop: loop, counters: LoopCounters(), unread: UnreadBudget(limit: 1 << 20))
        clients = Descriptors()
        let settings = ConnectionSettings(
            HTTPServer.Settings(),
            responder: TestResponder(gate: Gate()),
            observer: Nobody()
        )
        let origin = ConnectionOrigin(name: "test", budget: ConnectionBudget(limit: connections))
        loop.turn(mayWait: false)
        for _ in 0..<connections {
            var pair: [CInt] = [-1, -1]
            let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
            try #require(socketpair(AF_UNIX, kind, 0, &pair) == 0)
            clients.numbers.append(pair[1])
            let connection = Connection(
                descriptor: pair[0],
                peer: .unix,
                loop: context,
                settings: settings,
                origin: origin
            )
            origin.budget.opened()
            try connection.begin()
        }
    }

    func send(_ text: String, on number: Int = 0) throws {
        let count = text.utf8.count
        try #require(Glibc.send(clients.numbers[number], text, count, CInt(MSG_NOSIGNAL)) == count)
    }
}
