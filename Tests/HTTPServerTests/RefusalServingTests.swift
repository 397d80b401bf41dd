import Testing

@testable import HTTPServer

@Suite("A server that refuses")
struct RefusalServingTests {
    @Test("answers 413 before the body is sent, then closes")
    func tooLarge() async throws {
        try await TestServer.run { test in
            for expect in ["", "Expect: 100-continue\r\n"] {
                let client = try test.client()
                try await client.send("POST / HTTP/1.1\r\nHost: a\r\n\(expect)Content-Length: 65537\r\n\r\n")
                let answer = try #require(try await client.answer())
                #expect(answer.status == 413)
                #expect(answer.closes)
                #expect(try await client.answer() == nil)
            }
        }
    }

    @Test("asks for a body with 100 Continue, unless it has come already")
    func continues() async throws {
        try await TestServer.run { test in
            let client = try test.client()
            let head = "POST /1 HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
            try await client.send(head)
            #expect(try await client.answer() == Answer(head: "HTTP/1.1 100 Continue\r\n\r\n"))
            try await client.send("hello")
            #expect(try await client.answer()?.body == "/1")
            try await client.send(head + "hello")
            #expect(try await client.answer()?.status == 200)
            try await client.send(get("/3", "Expect: other"))
            #expect(try await client.answer()?.status == 417)
        }
    }

    @Test("never executes what stands behind a lost frame", arguments: Corpus.bad)
    func smuggling(text: String) async throws {
        try await TestServer.run(loops: 1) { test in
            let client = try test.client()
            try await client.send(text)
            let answers = try await client.answers()
            #expect(answers.count == 1)
            #expect((400..<600).contains(answers.last?.status ?? 0))
            #expect(answers.last?.closes == true)
            #expect(test.observer.seen.count == 1)
        }
    }

    @Test("answers what came before a bad request")
    func answersBefore() async throws {
        try await TestServer.run { test in
            let client = try test.client()
            try await client.send(get("/1") + get("/2") + "NOPE / HTTP/1.1\r\nHost: a\r\n\r\n" + get("/4"))
            #expect(try await client.answers().map(\.status) == [200, 200, 501])
        }
    }

    @Test("a client that sends a large body before it reads still learns why it was refused")
    func lingers() async throws {
        try await TestServer.run(timeouts: ConnectionTimeouts(linger: .seconds(10))) { test in
            let client = try test.client()
            let length = 20_000_000
            try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\n")
            try await eventually("it was refused") { test.server.counts.refused == 1 }
            try await client.send(String(repeating: "x", count: length))
            #expect(try await client.answer()?.status == 413)
            client.close()
            try await eventually("the connection has ended") { test.server.counts.connections == 0 }
        }
    }

    @Test("a client that goes on sending for ever behind its refusal is cut")
    func cutsForever() async throws {
        let timeouts = ConnectionTimeouts(request: .milliseconds(500), linger: .milliseconds(200))
        try await TestServer.run(timeouts: timeouts) { test in
            let client = try test.client()
            try await client.send("NOPE / HTTP/1.1\r\n\r\n")
            try await eventually("the connection was cut") {
                client.trySend(String(repeating: "x", count: 60000))
                return test.server.counts.refused == 1 && test.server.counts.connections == 0
            }
        }
    }

    private static let short = ConnectionTimeouts(
        header: .milliseconds(200),
        request: .milliseconds(600),
        keepAlive: .milliseconds(300),
        write: .milliseconds(300),
        drainGrace: .milliseconds(50),
        linger: .milliseconds(100)
    )

    @Test(
        "answers 408 to one that sends nothing, half a head, or half a body",
        arguments: [
            ("", "header_timeout"), ("GET / HT", "header_timeout"), ("\r\n", "header_timeout"),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nx", "request_timeout"),
        ]
    )
    func slow(text: String, reason: String) async throws {
        var timeouts = Self.short
        if reason == "request_timeout" { timeouts.header = .seconds(10) }
        try await TestServer.run(timeouts: timeouts) { test in
            let client = try test.client()
            try await client.send(text)
            let answer = try #require(try await client.answer())
            #expect(answer.status == 408)
            #expect(answer.closes)
            #expect(try await client.answer() == nil)
            #expect(test.observer.seen == ["refused \(reason)"])
        }
    }

    @Test("no octet prolongs the time for a head")
    func trickle() async throws {
        try await TestServer.run(timeouts: Self.short) { test in
            let client = try test.client()
            let octets = "GET / HTTP/1.1\r\nA: " + String(repeating: "a", count: 500)
            var sent = 0
            for octet in octets {
                client.trySend(String(octet))
                sent += 1
                if try await !client.isSilent(forMilliseconds: 20) { break }
            }
            // Told while the octets still came; all of them take 10 s.
            #expect(sent < octets.count)
            #expect(try await client.answer()?.status == 408)
        }
    }

    @Test("closes an idle connection without a word, also after an empty line")
    func idle() async throws {
        try await TestServer.run(timeouts: ConnectionTimeouts(keepAlive: .milliseconds(300))) { test in
            for tail in ["", "\r\n"] {
                let client = try test.client()
                try await client.send(get("/1") + tail)
                #expect(try await client.answers().map(\.status) == [200])
            }
            #expect(test.server.counts.refused == 0)
        }
    }

    @Test("a client that ends its half behind an empty line is no half request")
    func emptyLineAndEnd() async throws {
        try await TestServer.run { test in
            for tail in ["\r\n", "\r"] {
                let client = try test.client()
                try await client.send(get("/1") + tail)
                client.endHalf()
                #expect(try await client.answers().map(\.status) == [200])
            }
            #expect(test.server.counts.refused == 0)
        }
    }

    @Test("cuts a client that does not read its answers")
    func writeStall() async throws {
        try await TestServer.run(timeouts: ConnectionTimeouts(write: .milliseconds(300))) { test in
            let client = try test.client(receiveBuffer: 4096)
            try await client.send(String(repeating: get("/large"), count: 200))
            try await eventually("the connection was cut") { test.server.counts.connections == 0 }
            #expect(test.server.counts.answered < 200)
        }
    }

    @Test("holds little of what a client sends at once and ends, and survives it", arguments: [1, 3])
    func flood(times: Int) async throws {
        try await TestServer.run { test in
            let client = try test.client()
            try await client.send(get("/hold"))
            try await eventually("the request is in work") { test.gate.waiting == 1 }
            // What is pipelined behind a request in work stays in the kernel, beyond one read. Three times is more than
            // the kernel holds; the last request is then cut off.
            let requests = String(repeating: get("/1"), count: 4000)
            for _ in 0..<times { client.trySend(requests) }
            client.endHalf()
            #expect(try await client.isSilent(forMilliseconds: 50))
            test.gate.open()
            var count = 0
            var last: Answer?
            while let answer = try await client.answer() {
                count += 1
                last = answer
            }
            #expect(count > 2000)
            #expect([200, 400].contains(last?.status ?? 0))
            try await eventually("the connection is closed") { test.server.counts.connections == 0 }
        }
    }
}
