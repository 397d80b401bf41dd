import Glibc
import Testing

@testable import HTTPServer

@Suite("A responder that takes content")
struct ContentTests {
    @Test("has it of a known length and in chunks, with requests pipelined behind it")
    func taken() async throws {
        try await TestServer.run { test in
            let client = try test.client()
            try await client.send(
                post("/content/1", "one") + get("/2")
                    + "POST /content/3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nth\r\n3\r\nree\r\n0\r\n\r\n"
                    + post("/content/4", "") + get("/content/5") + post("/task/6", "six") + post("/hold/content", "7")
                    + post("/content/8", "eight")
            )
            try await eventually("one waits") { test.gate.waiting == 1 }
            test.gate.release()
            for body in ["one", "/2", "three", "/content/4", "/content/5", "/task/6", "7", "eight"] {
                #expect(try await client.answer()?.body == body)
            }
        }
    }

    @Test("has more than one read brings, and is asked when all of it has come")
    func long() async throws {
        try await TestServer.run(limits: RequestLimits(body: 1 << 20)) { test in
            let client = try test.client()
            let content = String((0..<1 << 16).map { "\($0 % 10)" }.joined().prefix(1 << 16))
            let request = post("/content", String(repeating: content, count: 16))
            try await client.send(String(request.dropLast()))
            #expect(try await client.isSilent(forMilliseconds: 50))
            try await client.send(String(request.suffix(1)))
            #expect(try await client.answer()?.body == String(repeating: content, count: 16))
        }
    }

    @Test("has none of what it does not take")
    func notTaken() async throws {
        try await TestServer.run { test in
            let client = try test.client()
            for path in ["/other", "/task", "/hold"] {
                test.gate.open()
                try await client.send(post(path, "never seen"))
                #expect(try await client.answer()?.body == path)
            }
        }
    }

    @Test("is not asked for content that is too large: 413 comes before it, and in the midst of chunks")
    func tooLarge() async throws {
        try await TestServer.run(limits: RequestLimits(body: 8)) { test in
            for rest in ["Content-Length: 9\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n4\r\n"] {
                let client = try test.client()
                try await client.send("POST /content HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\(rest)")
                let answer = try #require(try await client.answer())
                #expect(answer.status == 413 && answer.closes)
                #expect(try await client.answer() == nil)
            }
            let client = try test.client()
            try await client.send(post("/content", "01234567"))
            #expect(try await client.answer()?.body == "01234567")
            #expect(test.server.content.octets == 0)
        }
    }

    @Test("has content that waits for 100 Continue")
    func continues() async throws {
        try await TestServer.run { test in
            let client = try test.client()
            try await client.send(
                "POST /content HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
            )
            #expect(try await client.answer()?.status == 100)
            try await client.send("hello")
            #expect(try await client.answer()?.body == "hello")
        }
    }
}

@Suite("The memory for content")
struct ContentBudgetTests {
    /// Sends a request whose content is held until the gate lets it go.
    private func hold(_ octets: Int, _ test: TestServer, waiting: Int) async throws -> Client {
        let client = try test.client()
        try await client.send(post("/hold/content", String(repeating: "x", count: octets)))
        try await eventually("it is in work") { test.gate.waiting == waiting }
        try await eventually("it is counted") { test.server.content.octets >= octets * waiting }
        return client
    }

    @Test("is bounded for all together: past it the answer is 503 before the body, and what takes no content is served")
    func refused() async throws {
        try await TestServer.run(heldContent: 1000) { test in
            let first = try await hold(400, test, waiting: 1)
            let second = try await hold(400, test, waiting: 2)
            let other = try test.client()
            try await other.send(
                "POST /content HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 201\r\n\r\n"
            )
            let answer = try #require(try await other.answer())
            #expect(answer.status == 503 && answer.field("Retry-After") == "1" && answer.closes)
            #expect(answer.body.contains("content"))
            #expect(test.observer.seen == ["refused content_budget_exhausted"])
            let fitting = try test.client()
            try await fitting.send(post("/content", String(repeating: "y", count: 200)))
            #expect(try await fitting.answer()?.body.count == 200)
            try await fitting.send(post("/other", String(repeating: "y", count: 300)))
            #expect(try await fitting.answer()?.body == "/other")
            // Given back with the answers.
            test.gate.release()
            for client in [first, second] { #expect(try await client.answer()?.body.count == 400) }
            #expect(test.server.content.octets == 0)
            try await fitting.send(post("/content", String(repeating: "y", count: 1000)))
            #expect(try await fitting.answer()?.body.count == 1000)
        }
    }

    @Test("is bounded for what comes in chunks, and for what was announced before others came")
    func refusedInTheMidst() async throws {
        try await TestServer.run(heldContent: 1000) { test in
            let (announced, chunked) = (try test.client(), try test.client())
            try await announced.send(
                "POST /content HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 900\r\n\r\n"
            )
            #expect(try await announced.answer()?.status == 100)
            let head = "POST /content HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            try await chunked.send(head + "1f4\r\n" + String(repeating: "x", count: 500))
            try await eventually("it is held") { test.server.content.octets == 500 }
            try await announced.send(String(repeating: "x", count: 501))
            #expect(try await announced.answer()?.status == 503)
            try await eventually("what was held of it is let go") { test.server.content.octets == 500 }
            try await chunked.send("\r\n1f5\r\n" + String(repeating: "x", count: 500))
            try await eventually("as much as there may be") { test.server.content.octets == 1000 }
            try await chunked.send("x")
            #expect(try await chunked.answer()?.status == 503)
            try await eventually("nothing is held") { test.server.content.octets == 0 }
        }
    }

    @Test(
        "is given back by clients that go, in the midst of a body and while their request is in work",
        arguments: [true, false]
    )
    func givenBack(isReset: Bool) async throws {
        try await TestServer.run(isReset ? .tcp() : .unix()) { test in
            for _ in 0..<2 {
                let half = try test.client()
                try await half.send(String(post("/content", String(repeating: "x", count: 300)).dropLast(100)))
                try await eventually("a part is held") { test.server.content.octets == 200 }
                let working = try test.client()
                try await working.send(post("/hold/content", String(repeating: "x", count: 300)))
                try await eventually("both are held") { test.server.content.octets == 500 }
                for client in [half, working] { if isReset { client.reset() } else { client.close() } }
                try await eventually("nothing is held") { test.server.content.octets == 0 }
            }
        }
    }

    @Test("is given back when connections are cut")
    func cut() async throws {
        try await TestServer.run { test in
            let half = try test.client()
            try await half.send(String(post("/content", String(repeating: "x", count: 300)).dropLast()))
            let working = try await hold(300, test, waiting: 1)
            try await eventually("both are held") { test.server.content.octets == 599 }
            #expect(await test.server.drain(timeout: .zero).cutConnections == 2)
            #expect(test.server.content.octets == 0)
            for client in [half, working] { client.close() }
        }
    }

    @Test("is not taken by an answer that is known, unless its request may be asked again")
    func answerKnown() async throws {
        try await TestServer.run(loops: 1) { test in
            let (posting, putting) = (try test.client(), try test.client())
            try await posting.send(post("/after/content", "x"))
            try await eventually("it is in work") { test.server.counts.inFlight == 1 }
            // So the turn in which it began is over.
            try await putting.send(get("/1"))
            #expect(try await putting.answer()?.body == "/1")
            #expect(test.server.content.octets == 0)
            try await putting.send(post("/after/content", "xyz", method: "PUT"))
            try await eventually("it is held") { test.server.content.octets == 3 }
        }
    }

    @Test("has another bound at once when it is changed, and administrators have theirs apart")
    func changed() async throws {
        try await TestServer.run(heldContent: 0) { test in
            let admin = try TestListener.unix()
            try await test.server.serve(
                .init(name: "admin", descriptor: dup(admin.descriptor), isTCP: false, maxConnections: 2)
            )
            let (administrator, client) = (try Client(admin), try test.client())
            try await administrator.send(post("/content", "admin"))
            #expect(try await administrator.answer()?.body == "admin")
            try await client.send(post("/content", "x"))
            #expect(try await client.answer()?.status == 503)
            test.server.update(HTTPServer.Settings(heldContent: 1))
            let other = try test.client()
            try await other.send(post("/content", "x"))
            #expect(try await other.answer()?.body == "x")
        }
    }
}
