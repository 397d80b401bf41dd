import Glibc
import Testing

@testable import HTTPServer

@Suite("With too many requests in work")
struct OverloadTests {
    @Test("one more is turned away at once, on a connection that goes on, and nobody is asked about it")
    func turnedAway() async throws {
        try await TestServer.run(requestsInWork: 2) { test in
            var working: [Client] = []
            for _ in 0..<2 {
                let client = try test.client()
                try await client.send(get("/hold"))
                working.append(client)
            }
            try await eventually("both are in work") { test.gate.waiting == 2 }
            let other = try test.client()
            // Pipelined: each of them has its answer.
            try await other.send(get("/task") + "HEAD /1 HTTP/1.1\r\nHost: a\r\n\r\n")
            let answer = try #require(try await other.answer())
            #expect(answer.status == 503 && answer.field("Retry-After") == "1" && !answer.closes)
            #expect(answer.body.hasPrefix(#"{"detail":"Too many requests"#))
            #expect(try await other.answer(withoutBody: true)?.status == 503)
            try await other.send(get("/always"))
            #expect(try await other.answer()?.body == "/always")
            #expect(test.server.counts.refused == 2 && test.server.counts.inFlight == 2)
            #expect(
                test.observer.seen == ["refused overloaded", "refused overloaded", "answered /always 200 7"]
            )
            test.gate.release()
            for client in working { #expect(try await client.answer()?.body == "/hold") }
            try await other.send(get("/task"))
            #expect(try await other.answer()?.body == "/task")
        }
    }

    @Test("a request that asks for it has the last answer of its connection, also where it is turned away")
    func closes() async throws {
        try await TestServer.run(requestsInWork: 0) { test in
            let client = try test.client()
            try await client.send(get("/1", "Connection: close") + get("/2"))
            let answers = try await client.answers()
            #expect(answers.map(\.status) == [503] && answers[0].closes)
        }
    }

    @Test("listeners with connections of their own are answered, and a change of the limit is at once in force")
    func privileged() async throws {
        try await TestServer.run(requestsInWork: 0) { test in
            let admin = try TestListener.tcp()
            let descriptor = fcntl(admin.descriptor, F_DUPFD_CLOEXEC, 3)
            try await test.server.serve(.init(name: "admin", descriptor: descriptor, isTCP: true, maxConnections: 4))
            let (client, administrator) = (try test.client(), try Client(admin))
            try await administrator.send(get("/task"))
            #expect(try await administrator.answer()?.body == "/task")
            try await client.send(get("/task"))
            #expect(try await client.answer()?.status == 503)
            test.server.update(HTTPServer.Settings(requestsInWork: 1))
            try await client.send(get("/task"))
            #expect(try await client.answer()?.body == "/task")
        }
    }

    @Test("a request that another process had in work is taken up all the same")
    func takenUp() async throws {
        let (listener, keeper) = (try TestListener.tcp(), MemoryKeeper())
        let client = try Client(listener)
        try await TestServer.run(listener) { first in
            try await client.send(get("/hold"))
            try await eventually("it is in work") { first.gate.waiting == 1 }
            #expect(await first.server.drain(timeout: .seconds(20), to: keeper) == HTTPServer.DrainResult())
        }
        try await TestServer.run(listener, requestsInWork: 0) { second in
            #expect(await second.server.takeUp(keeper.takeAll()) == 1)
            try await eventually("it is in work again") { second.gate.waiting == 1 }
            second.gate.release()
            #expect(try await client.answer()?.body == "/hold")
        }
    }
}
