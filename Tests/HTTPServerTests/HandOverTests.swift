import Glibc
import Synchronization
import Testing

@testable import HTTPServer

/// Keeps connections in memory, as descriptors of its own.
final class MemoryKeeper: ConnectionKeeper {
    private let kept = Mutex<[OpenConnection]>([])
    private let room: Int

    init(room: Int = .max) { self.room = room }

    func keep(_ connections: [OpenConnection]) -> Int {
        kept.withLock { kept in
            let count = min(connections.count, room - kept.count)
            for var connection in connections.prefix(count) {
                connection.descriptor = fcntl(connection.descriptor, F_DUPFD_CLOEXEC, 3)
                kept.append(connection)
            }
            return count
        }
    }

    func takeAll() -> [OpenConnection] {
        kept.withLock { kept in
            defer { kept = [] }
            return kept
        }
    }
}

@Suite("A hand-over", .serialized)
struct HandOverTests {
    /// Drains one server, has another take its connections up, and runs `body` with that one.
    private func handOver(
        _ listener: TestListener,
        beginsAtOnce: Bool = true,
        before: (TestServer) async throws -> Void,
        during: (TestServer) async throws -> Void = { _ in },
        after: (TestServer, [OpenConnection]) async throws -> Void
    ) async throws {
        let keeper = MemoryKeeper()
        // Longer than a busy machine may take from an accept to the drain.
        let timeouts = ConnectionTimeouts(header: .seconds(60), request: .seconds(60), drainGrace: .milliseconds(50))
        try await TestServer.run(listener, timeouts: timeouts) { first in
            try await before(first)
            async let result = first.server.drain(timeout: .seconds(20), to: keeper)
            if beginsAtOnce { try await eventually("the drain has begun") { first.server.isDraining } }
            try await during(first)
            let ended = await result
            #expect(ended == HTTPServer.DrainResult())
            #expect(first.server.counts.connections == 0)
        }
        let connections = keeper.takeAll()
        try await TestServer.run(listener, timeouts: timeouts) { second in
            #expect(await second.server.takeUp(connections) == connections.count)
            try await after(second, connections)
        }
    }

    @Test("carries idle connections, used or not, over TCP and Unix sockets", arguments: [true, false])
    func idle(isTCP: Bool) async throws {
        let listener = try isTCP ? TestListener.tcp() : .unix()
        let (used, fresh) = (try Client(listener), try Client(listener))
        try await handOver(listener) { first in
            try await used.send(get("/1"))
            #expect(try await used.answer()?.body == "/1")
            try await eventually("both are accepted") { first.server.counts.connections == 2 }
        } after: { second, connections in
            #expect(connections.count == 2)
            #expect(connections.allSatisfy { $0.received.isEmpty && $0.listener == "test" && $0.stage == .idle })
            #expect(Set(connections.map(\.isNew)) == [true, false])
            for client in [used, fresh] {
                try await client.send(get("/2"))
                let answer = try #require(try await client.answer())
                #expect(answer.body == "/2" && !answer.closes)
            }
            #expect(second.server.counts.connections == 2)
        }
    }

    @Test("carries the part of a head that has arrived, wherever it is cut")
    func partOfAHead() async throws {
        let request = get("/cut", "X-Request-ID: id-1")
        for length in [1, 4, 18, request.utf8.count - 1] {
            let listener = try TestListener.tcp()
            let client = try Client(listener)
            let sent = String(request.prefix(length))
            try await handOver(listener) { first in
                try await client.send(sent)
                try await eventually("it is accepted") { first.server.counts.connections == 1 }
            } after: { _, connections in
                #expect(connections.count == 1)
                try await client.send(String(request.dropFirst(length)))
                let answer = try #require(try await client.answer())
                #expect(answer.body == "/cut" && answer.field("X-Request-ID") == "id-1")
            }
        }
    }

    @Test("carries a request in work, which is asked again under its name, and what is pipelined behind it")
    func inWork() async throws {
        let listener = try TestListener.tcp()
        let client = try Client(listener)
        try await handOver(listener) { first in
            try await client.send(get("/hold", "X-Request-ID: id-1") + get("/2"))
            try await eventually("it is in work") { first.gate.waiting == 1 }
        } after: { second, connections in
            let connection = try #require(connections.first)
            #expect(connection.stage == .working)
            #expect(connection.request?.travels == 1 && connection.request?.id == "id-1")
            #expect(second.server.counts.requestsTakenUp == 1)
            try await eventually("it is in work again") { second.gate.waiting == 1 }
            second.gate.release()
            let answer = try #require(try await client.answer())
            #expect(answer.body == "/hold" && answer.field("X-Request-ID") == "id-1" && !answer.closes)
            #expect(try await client.answer()?.body == "/2")
        }
    }

    @Test("a request that must not be asked twice is finished first, and everybody is served meanwhile")
    func notRepeatable() async throws {
        let listener = try TestListener.tcp()
        let (posting, later, other) = (try Client(listener), try Client(listener), try Client(listener))
        try await handOver(listener, beginsAtOnce: false) { first in
            try await posting.send("POST /hold HTTP/1.1\r\nHost: a\r\n\r\n")
            try await eventually("it is in work") { first.gate.waiting == 1 }
            #expect(try await other.exchange(get("/1", "Connection: close")) { true }.count == 1)
        } during: { first in
            // Old and new connections are served; another such request is not begun.
            try await eventually("the hand-over has begun") { first.server.awaitsHandOver }
            let fresh = try Client(listener)
            try await fresh.send(get("/fresh"))
            #expect(try await fresh.answer()?.body == "/fresh")
            try await later.send("POST /later-not HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await later.isSilent(forMilliseconds: 50))
            first.gate.release()
            #expect(try await posting.answer()?.body == "/hold")
            fresh.close()
        } after: { second, connections in
            #expect(connections.contains { $0.stage == .working && $0.request?.travels == 0 })
            #expect(!connections.contains { $0.request?.travels == 1 })
            second.gate.open()
            #expect(try await later.answer()?.body == "/later-not")
            try await posting.send(get("/next"))
            #expect(try await posting.answer()?.body == "/next")
        }
    }

    @Test("a request travels three times, and is then finished where it is")
    func travelsThreeTimes() async throws {
        let listener = try TestListener.tcp()
        let client = try Client(listener)
        var connections: [OpenConnection] = []
        for travel in 1...4 {
            let keeper = MemoryKeeper()
            try await TestServer.run(listener) { test in
                if travel == 1 { try await client.send(get("/hold")) }
                #expect(await test.server.takeUp(connections) == connections.count)
                try await eventually("it is in work") { test.gate.waiting == 1 }
                async let result = test.server.drain(timeout: .seconds(20), to: keeper)
                if travel == 4 {
                    try await eventually("the hand-over waits") { test.server.awaitsHandOver }
                    test.gate.release()
                    #expect(try await client.answer()?.body == "/hold")
                }
                _ = await result
            }
            connections = keeper.takeAll()
            #expect(connections.map(\.stage) == [travel == 4 ? .idle : .working])
            #expect(connections.first?.request?.travels == (travel == 4 ? nil : travel))
        }
        for connection in connections { close(connection.descriptor) }
    }

    @Test(
        "carries the part of a body that has arrived, wherever it is cut",
        arguments: [
            "Content-Length: 10\r\n\r\n0123456789",
            "Transfer-Encoding: chunked\r\n\r\n5;a=\"b\\\"c\"\r\n01234\r\n05\r\n56789\r\n0\r\nT: x\r\n\r\n",
        ]
    )
    func partOfABody(rest: String) async throws {
        let request = Array("PUT /body HTTP/1.1\r\nHost: a\r\n\(rest)".utf8)
        let headLength = try #require(request.firstRange(of: Array("\r\n\r\n".utf8))).upperBound
        for length in headLength..<request.count {
            let listener = try TestListener.unix()
            let client = try Client(listener)
            let (sent, unsent) = (request.prefix(length), request.dropFirst(length))
            try await handOver(listener) { first in
                try await client.send(String(decoding: sent, as: UTF8.self))
                try await eventually("it is accepted") { first.server.counts.connections == 1 }
            } after: { _, connections in
                try await client.send(String(decoding: unsent, as: UTF8.self) + get("/next"))
                #expect(try await client.answer()?.body == "/body", "cut at \(length)")
                #expect(try await client.answer()?.body == "/next", "cut at \(length)")
            }
        }
    }

    @Test("carries an answer that its client reads slowly, and what is pipelined behind it")
    func slowReader() async throws {
        let listener = try TestListener.tcp()
        let client = try Client(listener, receiveBuffer: 4096)
        let count = 100
        try await handOver(listener) { first in
            try await client.send(String(repeating: get("/large"), count: count))
            try await eventually("answers pile up") { first.server.unread.octets > 0 }
        } after: { _, connections in
            #expect(connections.first?.unsent.isEmpty == false)
            for _ in 0..<count { #expect(try await client.answer()?.body.utf8.count == 65536) }
            try await client.send(get("/next"))
            #expect(try await client.answer()?.body == "/next")
        }
    }

    @Test("carries a connection that ends with its answer, and one whose client has ended its half")
    func ending() async throws {
        let listener = try TestListener.tcp()
        let (closing, half) = (try Client(listener), try Client(listener))
        try await handOver(listener) { first in
            try await closing.send(get("/hold", "Connection: close"))
            try await half.send(get("/hold"))
            half.endHalf()
            try await eventually("both are in work") { first.gate.waiting == 2 }
        } after: { (second, connections) async throws -> Void in
            #expect(connections.count == 2)
            second.gate.open()
            #expect(try await closing.answer()?.closes == true)
            #expect(try await closing.answer() == nil)
            #expect(try await half.answer()?.body == "/hold")
            #expect(try await half.answer() == nil)
        }
    }

    @Test("what is taken back is served, though one loop had handed all over before and another was still at it")
    func takenBackFromSomeLoops() async throws {
        let keeper = MemoryKeeper()
        let listener = try TestListener.tcp()
        let (first, second) = (try Client(listener), try Client(listener))
        try await TestServer.run(listener, loops: 2) { test in
            try await first.send(get("/hold"))
            try await second.send(get("/hold"))
            try await eventually("both are in work, on a loop each") { test.gate.waiting == 2 }
            _ = await test.server.drain(timeout: .seconds(20), to: keeper)
            #expect(test.server.counts.handedOver == 2)
            // Whoever asks second waits as long as the first.
            async let one: Void = test.server.takeBack()
            await test.server.takeBack()
            async let end = test.server.drain(timeout: .seconds(20))
            for connection in keeper.takeAll() { close(connection.descriptor) }
            try await eventually("both are in work again") { test.gate.waiting == 2 }
            test.gate.release()
            for client in [first, second] {
                let answer = try #require(try await client.answer())
                #expect(answer.body == "/hold" && answer.closes)
                client.close()
            }
            let ended = await end
            #expect(ended == HTTPServer.DrainResult())
            await one
        }
    }

    @Test("no deadline runs while nobody has the connection")
    func awayTime() {
        var open = OpenConnection(descriptor: 3, listener: "http", stage: .body, acceptedAt: 0, since: 0, leftAt: 1)
        let now = MonotonicTime(nanoseconds: 3_600_000_000_000)
        func state() -> ConnectionState {
            ConnectionState(timeouts: ConnectionTimeouts(), takingUp: open, keepsAlive: true, at: now)
        }
        #expect(state().expiry(at: now + .seconds(29)) == nil)
        #expect(state().expiry(at: now + .seconds(30)) == .refuse(.requestTimeout))
        open.stage = .finishing
        open.stalledSince = 0
        #expect(state().expiry(at: now + .seconds(29)) == nil)
        #expect(state().expiry(at: now + .seconds(30)) == .close)
    }

    @Test("a deadline counts from when it began, whichever process it was")
    func deadlines() async throws {
        let listener = try TestListener.tcp()
        let client = try Client(listener)
        try await handOver(listener) { first in
            try await client.send("GET /half")
            try await eventually("it is accepted") { first.server.counts.connections == 1 }
        } after: { (second, connections) async throws -> Void in
            var late = connections
            for index in late.indices {
                late[index].descriptor = fcntl(late[index].descriptor, F_DUPFD_CLOEXEC, 3)
                late[index].since -= 59_900_000_000
                late[index].leftAt = .max
            }
            #expect(await second.server.takeUp(late) == late.count)
            #expect(try await client.answer()?.status == 408)
        }
    }

    @Test("closes cleanly what the keeper does not take, and counts it")
    func refused() async throws {
        let keeper = MemoryKeeper(room: 1)
        let listener = try TestListener.tcp()
        let clients = try (0..<3).map { _ in try Client(listener) }
        try await TestServer.run(listener, loops: 1) { test in
            try await eventually("all are accepted") { test.server.counts.connections == 3 }
            async let result = test.server.drain(timeout: .seconds(20), to: keeper)
            try await eventually("the rest is to be closed") { test.server.counts.notHandedOver == 2 }
            #expect(test.server.counts.handedOver == 1)
            _ = await result
        }
        let kept = keeper.takeAll()
        #expect(kept.count == 1)
        for connection in kept { shutdown(connection.descriptor, CInt(SHUT_RDWR)) }
        for connection in kept { close(connection.descriptor) }
        for client in clients { #expect(try await client.answer() == nil) }
    }

    @Test("what is taken back is served here, and ends as by a stop", arguments: [true, false])
    func takenBack(isInTime: Bool) async throws {
        let keeper = MemoryKeeper()
        let listener = try TestListener.tcp()
        let (working, idle, posting) = (try Client(listener), try Client(listener), try Client(listener))
        try await TestServer.run(listener, loops: 1) { test in
            try await working.send(get("/hold"))
            try await idle.send(get("/1"))
            #expect(try await idle.answer()?.body == "/1")
            if isInTime { try await posting.send("POST /hold HTTP/1.1\r\nHost: a\r\n\r\n") } else { posting.close() }
            try await eventually("they are in work") { test.gate.waiting == (isInTime ? 2 : 1) }
            async let result = test.server.drain(timeout: .seconds(20), to: keeper)
            if isInTime {
                try await eventually("the hand-over waits") { test.server.awaitsHandOver }
            } else {
                _ = await result
                #expect(test.server.counts.handedOver >= 2)
            }
            await test.server.takeBack()
            for connection in keeper.takeAll() { close(connection.descriptor) }
            #expect(test.server.counts.handedOver == 0)
            async let end = test.server.drain(timeout: .seconds(20))
            try await eventually("it is in work again") { test.gate.waiting == (isInTime ? 2 : 1) }
            #expect(try await idle.answer() == nil)
            idle.close()
            test.gate.release()
            for client in isInTime ? [working, posting] : [working] {
                let answer = try #require(try await client.answer())
                #expect(answer.body == "/hold" && answer.closes)
                client.close()
            }
            #expect(await end == HTTPServer.DrainResult())
            _ = await result
        }
    }
}

@Suite("A connection that leaves")
struct LeavingStateTests {
    private static let now = MonotonicTime(nanoseconds: 1_000_000_000_000)

    /// A connection in each stage of its life.
    private static func state(_ stage: OpenConnection.Stage) -> ConnectionState {
        var state = ConnectionState(timeouts: ConnectionTimeouts(), acceptedAt: now + .seconds(-5))
        if stage == .idle { return state }
        state.requestBegan(at: now + .seconds(-4))
        if stage == .head { return state }
        state.headArrived(keepsAlive: false)
        if stage == .body { return state }
        state.requestArrived()
        if stage == .working { return state }
        _ = state.answered(at: now + .seconds(-3), holdsRequest: false)
        if stage == .finishing { return state }
        _ = state.lastAnswerFlushed(at: now + .milliseconds(-100))
        return state
    }

    @Test("may do so in every stage of its life, but with a request that must not be asked twice, or a long answer")
    func canTravel() {
        for stage in OpenConnection.Stage.allCases {
            let state = Self.state(stage)
            #expect(state.stage == stage)
            #expect(state.canTravel(unsent: 0, requestTravels: true))
            #expect(state.canTravel(unsent: 65536, requestTravels: true))
            #expect(!state.canTravel(unsent: 65537, requestTravels: true))
            #expect(state.canTravel(unsent: 0, requestTravels: false) == (stage != .working))
        }
        var closed = Self.state(.idle)
        closed.closed()
        #expect(closed.stage == nil && !closed.canTravel(unsent: 0, requestTravels: true))
    }

    @Test("goes on in the next process with the same deadlines", arguments: OpenConnection.Stage.allCases)
    func sameDeadlines(stage: OpenConnection.Stage) {
        var state = Self.state(stage)
        let open = OpenConnection(
            descriptor: 3,
            listener: "http",
            stage: stage,
            isNew: state.requestsBegun == 0,
            acceptedAt: state.acceptedAt.nanoseconds,
            since: state.since.nanoseconds
        )
        var taken = ConnectionState(timeouts: ConnectionTimeouts(), takingUp: open, keepsAlive: false, at: Self.now)
        #expect(taken.stage == stage)
        for tenth in 0..<400 {
            let moment = Self.now + .milliseconds(Int64(tenth) * 100)
            // A second may have begun anew in which a client that is thrown out is listened to.
            if stage != .lingering { #expect(taken.expiry(at: moment) == state.expiry(at: moment), "\(tenth)") }
        }
        if stage == .lingering { #expect(taken.expiry(at: Self.now + .milliseconds(1000)) == .close) }
        state.writeStalled(true, at: Self.now)
        taken.writeStalled(true, at: Self.now)
        #expect(taken.expiry(at: Self.now + .seconds(30)) == .close)
    }

    @Test("takes no request and has no deadline; one that comes back is ended as an idle one")
    func leaving() {
        var state = Self.state(.idle)
        state.planned(.handOver, at: Self.now)
        state.leaves()
        #expect(state.isLeaving && !state.takesRequests)
        #expect(state.expiry(at: Self.now + .seconds(86400)) == nil)
        state.planned(.end, at: Self.now)
        #expect(!state.isLeaving && state.takesRequests)
        #expect(state.expiry(at: Self.now + .milliseconds(400)) == nil)
        #expect(state.expiry(at: Self.now + .milliseconds(500)) == .finish)
    }
}
