import Glibc
import NIOCore
import Synchronization
import Testing

@testable import HTTPServer

/// Keeps connections in memory, as descriptors of its own.
private final class MemoryKeeper: ConnectionKeeper {
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
        before: (TestServer) async throws -> Void,
        during: (TestServer) async throws -> Void = { _ in },
        after: (TestServer, [OpenConnection]) async throws -> Void
    ) async throws {
        let keeper = MemoryKeeper()
        try await TestServer.run(listener) { first in
            try await before(first)
            async let result = first.server.drain(timeout: .seconds(20), to: keeper)
            try await eventually("the drain has begun") { first.server.isDraining }
            try await during(first)
            let ended = await result
            #expect(ended == HTTPServer.DrainResult())
            #expect(first.server.counts.connections == 0)
        }
        let connections = keeper.takeAll()
        try await TestServer.run(listener) { second in
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
            #expect(connections.allSatisfy { $0.received.isEmpty && $0.listener == "test" })
            for client in [used, fresh] {
                try await client.send(get("/2"))
                let answer = try #require(try await client.answer())
                #expect(answer.body == "/2" && !answer.closes)
            }
            #expect(second.server.counts.connections == 2)
        }
    }

    @Test("finishes a request in work, and its connection lives on")
    func inWork() async throws {
        let listener = try TestListener.tcp()
        let client = try Client(listener)
        try await handOver(listener) { first in
            try await client.send(get("/hold"))
            try await eventually("it is in work") { first.gate.waiting == 1 }
        } during: { first in
            first.gate.release()
            let answer = try #require(try await client.answer())
            #expect(answer.body == "/hold" && !answer.closes)
        } after: { _, connections in
            #expect(connections.count == 1)
            try await client.send(get("/next"))
            #expect(try await client.answer()?.body == "/next")
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

    @Test("waits for a request whose body has begun to arrive")
    func partOfABody() async throws {
        let listener = try TestListener.tcp()
        let client = try Client(listener)
        try await handOver(listener) { first in
            try await client.send("POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
            #expect(try await client.answer(withoutBody: true)?.status == 100)
        } during: { _ in
            try await client.send("1234")
            let answer = try await client.answer()
            #expect(answer?.body == "/body")
        } after: { _, connections in
            #expect(connections.count == 1)
            try await client.send(get("/next"))
            #expect(try await client.answer()?.body == "/next")
        }
    }

    @Test("answers what was pipelined, and closes what asked to be closed")
    func pipelinedAndClosing() async throws {
        let listener = try TestListener.tcp()
        let (pipelining, closing) = (try Client(listener), try Client(listener))
        try await handOver(listener) { first in
            try await pipelining.send(get("/hold") + get("/2"))
            try await closing.send(get("/hold", "Connection: close"))
            try await eventually("both are in work") { first.gate.waiting == 2 }
        } during: { first in
            first.gate.release()
            let answers = [try await pipelining.answer()?.body, try await pipelining.answer()?.body]
            #expect(answers == ["/hold", "/2"])
            let last = try await closing.answer()
            #expect(last?.closes == true)
            closing.close()
        } after: { _, connections in
            #expect(connections.count == 1)
            try await pipelining.send(get("/3"))
            #expect(try await pipelining.answer()?.body == "/3")
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
        var closed = 0
        for client in clients where !(try await client.isSilent(forMilliseconds: 100)) { closed += 1 }
        #expect(closed == 2)
        for connection in kept { close(connection.descriptor) }
    }
}

@Suite("A connection that leaves")
struct LeavingStateTests {
    private func state(handsOver: Bool = true) -> ConnectionState {
        var state = ConnectionState(timeouts: ConnectionTimeouts(), acceptedAt: .uptimeNanoseconds(1))
        state.drainBegan(at: .uptimeNanoseconds(2), handsOver: handsOver)
        return state
    }

    @Test("is idle, or has at most a part of a head")
    func mayLeave() {
        #expect(state().mayLeave)
        #expect(!state(handsOver: false).mayLeave)
        var receiving = state()
        receiving.requestBegan(at: .uptimeNanoseconds(3))
        #expect(receiving.mayLeave)
        receiving.headArrived(keepsAlive: true)
        #expect(!receiving.mayLeave)
        receiving.requestArrived()
        #expect(!receiving.mayLeave)
        #expect(receiving.answered(at: .uptimeNanoseconds(4), hasBufferedInput: false) == .awaitRequest)
        #expect(receiving.mayLeave)
        var ended = state()
        _ = ended.inputEnded(hasBufferedInput: true)
        #expect(!ended.mayLeave)
    }

    @Test("takes no request, and has no deadline; one that stays is drained as an idle one")
    func leaving() {
        var leaving = state()
        leaving.leaves()
        #expect(leaving.phase == .leaving && !leaving.takesRequests)
        #expect(leaving.expiry(at: .uptimeNanoseconds(1) + .hours(24)) == nil)
        leaving.stays(at: .uptimeNanoseconds(5))
        #expect(leaving.phase == .idle && !leaving.mayLeave)
        #expect(leaving.expiry(at: .uptimeNanoseconds(5) + .milliseconds(500)) == .finish)
    }

    @Test("one that was taken up is between requests, not new")
    func takenUp() {
        let state = ConnectionState(timeouts: ConnectionTimeouts(), acceptedAt: .uptimeNanoseconds(1), isTakenUp: true)
        #expect(state.expiry(at: .uptimeNanoseconds(1) + .seconds(11)) == nil)
        #expect(state.expiry(at: .uptimeNanoseconds(1) + .seconds(75)) == .finish)
    }
}
