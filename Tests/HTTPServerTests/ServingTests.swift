import Testing

@testable import HTTPServer

@Suite("A server on real sockets")
struct ServingTests {
    @Test("answers over TCP and over a Unix socket, and keeps the connection", arguments: [true, false])
    func keepsAlive(isTCP: Bool) async throws {
        try await TestServer.run(isTCP ? .tcp() : .unix()) { test in
            let client = try test.client()
            for path in ["/a", "/b", "/c"] {
                try await client.send(get(path, "X-Request-ID: id\(path.dropFirst())"))
                let answer = try #require(try await client.answer())
                #expect(answer.status == 200)
                #expect(answer.body == path)
                #expect(answer.field("X-Request-ID") == "id\(path.dropFirst())")
                #expect(answer.field("Date")?.hasSuffix("GMT") == true)
                #expect(!answer.closes)
            }
            #expect(test.server.counts.connections == 1)
            #expect(test.server.counts.answered == 3)
        }
    }

    @Test("answers pipelined requests in order, one in work at a time")
    func pipelining() async throws {
        try await TestServer.run { test in
            let client = try test.client()
            try await client.send(get("/hold/1") + get("/2") + get("/hold/3") + get("/4"))
            for held in ["/hold/1", "/hold/3"] {
                try await eventually("\(held) is in work") { test.gate.waiting == 1 }
                #expect(test.server.counts.inFlight == 1)
                #expect(try await client.isSilent(forMilliseconds: 20))
                test.gate.release()
                #expect(try await client.answer()?.body == held)
                #expect(try await client.answer()?.body == (held == "/hold/1" ? "/2" : "/4"))
            }
        }
    }

    @Test("answers a thousand pipelined requests in order, and their bodies do not matter")
    func deepPipeline() async throws {
        try await TestServer.run { test in
            let client = try test.client()
            let requests = (0..<1000).map { number in
                number % 2 == 0
                    ? get("/\(number)")
                    : "POST /\(number) HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
            }
            try await client.send(requests.joined())
            for number in 0..<1000 { #expect(try await client.answer()?.body == "/\(number)") }
        }
    }

    @Test("answers HEAD as GET, without the body")
    func head() async throws {
        try await TestServer.run { test in
            let client = try test.client()
            try await client.send("HEAD /abc HTTP/1.1\r\nHost: a\r\n\r\n" + get("/next"))
            #expect(try await client.answer(withoutBody: true)?.field("Content-Length") == "4")
            #expect(try await client.answer()?.body == "/next")
            #expect(test.observer.seen == ["answered /abc 200 0", "answered /next 200 5"])
        }
    }

    @Test("answers HTTP/1.0 and closes, or keeps the connection where that was asked for")
    func http10() async throws {
        try await TestServer.run { test in
            let kept = try test.client()
            try await kept.send("GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            #expect(try await kept.answer()?.field("Connection") == "keep-alive")
            try await kept.send("GET /2 HTTP/1.0\r\n\r\n")
            #expect(try await kept.answer()?.closes == true)
            #expect(try await kept.answer() == nil)
        }
    }

    @Test(
        "reads nothing behind a request that ends the connection",
        arguments: ["Connection: close", "Connection: Upgrade, close\r\nUpgrade: h2c"]
    )
    func lastRequest(field: String) async throws {
        try await TestServer.run { test in
            let client = try test.client()
            try await client.send(get("/1", field) + get("/2"))
            let answers = try await client.answers()
            #expect(answers.map(\.body) == ["/1"])
            #expect(answers.first?.closes == true)
            #expect(test.observer.seen == ["answered /1 200 2"])
        }
    }

    @Test("a client that ends its half gets the answers that are due, then the end")
    func halfClose() async throws {
        try await TestServer.run { test in
            let client = try test.client()
            try await client.send(get("/hold") + get("/2"))
            client.endHalf()
            try await eventually("the request is in work") { test.gate.waiting == 1 }
            #expect(try await client.isSilent(forMilliseconds: 20))
            test.gate.release()
            #expect(try await client.answers().map(\.body) == ["/hold", "/2"])
            #expect(test.gate.cancelled == 0)
        }
    }

    @Test("a client that ends its half and reads late gets every answer")
    func halfCloseReadingLate() async throws {
        try await TestServer.run { test in
            let client = try test.client(receiveBuffer: 4096)
            try await client.send(String(repeating: get("/large"), count: 100))
            client.endHalf()
            // The first answers fill the kernel's buffers; the server waits for the client to read.
            try await eventually("the server has begun") { test.server.counts.answered > 2 }
            let answers = try await client.answers()
            #expect(answers.count == 100)
            #expect(answers.allSatisfy { $0.body.utf8.count == 65536 })
        }
    }

    @Test("a client that ends its half within a request is told 400")
    func halfRequest() async throws {
        try await TestServer.run { test in
            let client = try test.client()
            try await client.send(get("/1") + "GET /2 HTTP/1.1\r\nHo")
            client.endHalf()
            let answers = try await client.answers()
            #expect(answers.map(\.status) == [200, 400])
            #expect(test.observer.seen.last == "refused request_incomplete")
        }
    }

    @Test("a reset cancels the request in work")
    func reset() async throws {
        try await TestServer.run { test in
            let client = try test.client()
            try await client.send(get("/hold"))
            try await eventually("the request is in work") { test.gate.waiting == 1 }
            #expect(test.server.counts.inFlight == 1)
            client.reset()
            try await eventually("the responder was cancelled") { test.gate.cancelled == 1 }
            try await eventually("nothing is in work") {
                test.server.counts.inFlight == 0 && test.server.counts.connections == 0
            }
            #expect(test.observer.seen.isEmpty)
        }
    }

    @Test("a reset wakes a request that sleeps on the event loop's clock")
    func resetWhileAsleep() async throws {
        try await TestServer.run { test in
            let clients = try (0..<20).map { _ in try test.client() }
            for client in clients { try client.sendNow(get("/later")) }
            try await eventually("the requests are in work") { test.server.counts.inFlight == 20 }
            for client in clients { client.reset() }
            try await eventually("nothing is in work") { test.server.counts.inFlight == 0 }
            #expect(test.server.counts.answered == 0)
            #expect(test.server.counts.failed == 0)
        }
    }

    @Test("a responder that throws is a 500, and the connection goes on")
    func failure() async throws {
        try await TestServer.run { test in
            let client = try test.client()
            try await client.send(get("/throw") + get("/next"))
            let answer = try #require(try await client.answer())
            #expect(answer.status == 500)
            #expect(answer.body == #"{"detail":"Internal Server Error"}"#)
            #expect(try await client.answer()?.body == "/next")
            #expect(test.server.counts.failed == 1)
            #expect(test.observer.seen.first == "failed Failure()")
        }
    }
}
