import Testing

@testable import HTTPServer

@Suite("A server that says that it leaves")
struct LeavingTests {
    @Test("serves old and new connections, each up to its next answer, and says so")
    func serves() async throws {
        try await TestServer.run { test in
            let (idle, working) = (try test.client(), try test.client())
            try await idle.send(get("/drains"))
            #expect(try await idle.answer()?.body == "false")
            try await working.send(get("/hold") + get("/2"))
            try await eventually("a request is in work") { test.gate.waiting == 1 }
            let leaving = Task { await test.server.leave(for: .seconds(600)) }
            try await eventually("it leaves") { test.server.isDraining }

            for _ in 0..<2 {
                let new = try test.client()
                try await new.send(get("/drains"))
                let answer = try #require(try await new.answer())
                #expect(answer.body == "true" && answer.closes)
                #expect(try await new.answer() == nil)
            }
            // What was pipelined before is answered too, and only the last one says that it is.
            test.gate.release()
            let answers = try await working.answers()
            #expect(answers.map(\.body) == ["/hold", "/2"] && answers.map(\.closes) == [false, true])
            // Idle for longer than a drain would hold it.
            #expect(try await idle.isSilent(forMilliseconds: 300))
            try await idle.send(get("/drains"))
            #expect(try await idle.answers().map(\.body) == ["true"])

            leaving.cancel()
            await leaving.value
        }
    }

    @Test("is drained after that like any other, its idle connections after their grace")
    func thenDrains() async throws {
        try await TestServer.run { test in
            let idle = try test.client()
            try await idle.send(get("/1"))
            _ = try await idle.answer()
            await test.server.leave(for: .milliseconds(1))
            async let result = test.server.drain(timeout: .seconds(30))
            #expect(try await idle.answer() == nil)
            idle.close()
            #expect(await result == HTTPServer.DrainResult())
        }
    }

    @Test("keeps its deadlines: idle connections end by keep-alive, and not by the grace of a drain")
    func state() {
        func at(_ seconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: UInt64(seconds) * 1_000_000_000) }
        var state = ConnectionState(timeouts: ConnectionTimeouts(), acceptedAt: at(0))
        state.requestBegan(at: at(1))
        state.headArrived(keepsAlive: true)
        state.requestArrived()
        #expect(state.answered(at: at(1), holdsRequest: false) == .awaitRequest)
        state.planned(.leave, at: at(2))
        #expect(state.expiry(at: at(75)) == nil)
        #expect(state.expiry(at: at(77)) == .finish)
        state.requestBegan(at: at(3))
        state.headArrived(keepsAlive: true)
        state.requestArrived()
        #expect(state.answered(at: at(4), holdsRequest: false) == .finish)
    }
}
