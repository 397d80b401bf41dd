import Glibc
import Testing

@testable import HTTPServer

@Suite("A hand-over of requests with content", .serialized)
struct ContentHandOverTests {
    /// Has one server hand its connections over to another.
    private func handOver(
        _ listener: TestListener,
        limits: RequestLimits = RequestLimits(),
        before: (TestServer) async throws -> Void,
        during: (TestServer) async throws -> Void = { _ in },
        after: (TestServer, [OpenConnection]) async throws -> Void
    ) async throws {
        let keeper = MemoryKeeper()
        let timeouts = ConnectionTimeouts(header: .seconds(60), request: .seconds(60), drainGrace: .milliseconds(50))
        try await TestServer.run(listener, timeouts: timeouts, limits: limits) { first in
            try await before(first)
            async let result = first.server.drain(timeout: .seconds(20), to: keeper)
            try await during(first)
            #expect(await result == HTTPServer.DrainResult())
            // What has left is counted by whoever takes it up.
            #expect(first.server.content.octets == 0)
        }
        let connections = keeper.takeAll()
        try await TestServer.run(listener, timeouts: timeouts, limits: limits) { second in
            #expect(await second.server.takeUp(connections) == connections.count)
            try await after(second, connections)
        }
    }

    @Test(
        "carries the part of it that has come, wherever that is cut, and what is gathered is gathered on",
        arguments: [
            "Content-Length: 10\r\n\r\n0123456789",
            "Transfer-Encoding: chunked\r\n\r\n5;a=\"b\\\"c\"\r\n01234\r\n05\r\n56789\r\n0\r\nT: x\r\n\r\n",
        ]
    )
    func body(rest: String) async throws {
        for path in ["/content", "/other"] {
            let head = "POST \(path) HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
            let request = Array((head + rest).utf8)
            let headLength = try #require(request.firstRange(of: Array("\r\n\r\n".utf8))).upperBound
            for length in headLength..<request.count {
                let gathered = path == "/content" ? try Self.gathered(request.prefix(length)) : nil
                let listener = try TestListener.unix()
                let client = try Client(listener)
                try await handOver(listener) { first in
                    try await client.send(String(decoding: request.prefix(headLength), as: UTF8.self))
                    #expect(try await client.answer()?.status == 100)
                    try await client.send(String(decoding: request[headLength..<length], as: UTF8.self))
                    try await eventually("it is gathered") { first.server.content.octets == gathered?.count ?? 0 }
                } after: { second, connections in
                    #expect(connections.map(\.stage) == [.body])
                    #expect(connections.first?.request?.content == gathered, "cut at \(length)")
                    #expect(second.server.content.octets == gathered?.count ?? 0)
                    let unsent = String(decoding: request[length...], as: UTF8.self)
                    try await client.send(unsent + post("/content", "next"))
                    let body = path == "/content" ? "0123456789" : "/other"
                    #expect(try await client.answer()?.body == body, "cut at \(length)")
                    #expect(try await client.answer()?.body == "next", "cut at \(length)")
                }
            }
        }
    }

    /// The content in a part of a request.
    private static func gathered(_ octets: ArraySlice<UInt8>) throws -> [UInt8] {
        var parser = RequestParser(limits: RequestLimits())
        let octets = Array(octets)
        let used = try parser.next(octets.span).consumed
        parser.gatherContent()
        _ = try parser.next(octets.span.extracting(used..<octets.count))
        return try #require(parser.content)
    }

    @Test("carries that of a request in work, and the next process asks its responder with it")
    func inWork() async throws {
        let listener = try TestListener.tcp()
        let client = try Client(listener)
        try await handOver(listener) { first in
            try await client.send(post("/hold/content", "once", method: "PUT") + post("/content", "two"))
            try await eventually("it is in work") { first.gate.waiting == 1 }
        } after: { second, connections in
            #expect(connections.map(\.stage) == [.working])
            #expect(connections.first?.request?.content == Array("once".utf8))
            try await eventually("it is in work again") { second.gate.waiting == 1 }
            #expect(second.server.content.octets == 4)
            second.gate.open()
            #expect(try await client.answer()?.body == "once")
            #expect(try await client.answer()?.body == "two")
        }
    }

    @Test("carries that of a request whose answer was known, and waited")
    func answerKnown() async throws {
        let (listener, keeper) = (try TestListener.tcp(), MemoryKeeper())
        let client = try Client(listener)
        try await TestServer.run(listener) { first in
            try await client.send(post("/after/content", "later", method: "PUT"))
            try await eventually("it is in work") { first.server.counts.inFlight == 1 }
            _ = await first.server.drain(timeout: .seconds(20), to: keeper)
        }
        var connections = keeper.takeAll()
        #expect(connections.first?.request?.content == Array("later".utf8))
        // As though it had waited for nearly as long as it has to.
        for index in connections.indices { connections[index].since -= 59_900_000_000 }
        try await TestServer.run(listener) { [connections] (second) async throws -> Void in
            #expect(await second.server.takeUp(connections) == 1)
            let answer = try await client.answer()
            #expect(answer?.body == "later")
        }
    }

    @Test("carries that of a request that must not be asked twice, and was not asked")
    func unasked() async throws {
        let listener = try TestListener.tcp()
        let (posting, later) = (try Client(listener), try Client(listener))
        try await handOver(listener) { first in
            try await posting.send(post("/hold/content", "first"))
            try await eventually("it is in work") { first.gate.waiting == 1 }
        } during: { first in
            try await eventually("the hand-over waits") { first.server.awaitsHandOver }
            try await later.send(post("/content", "second"))
            #expect(try await later.isSilent(forMilliseconds: 50))
            first.gate.release()
            #expect(try await posting.answer()?.body == "first")
        } after: { second, connections in
            let waiting = try #require(connections.first { $0.stage == .working })
            #expect(waiting.request?.travels == 0 && waiting.request?.content == Array("second".utf8))
            #expect(try await later.answer()?.body == "second")
        }
    }

    @Test("what is taken back is asked again with its content")
    func takenBack() async throws {
        let keeper = MemoryKeeper()
        let listener = try TestListener.tcp()
        let client = try Client(listener)
        try await TestServer.run(listener) { test in
            try await client.send(post("/hold/content", "back", method: "PUT"))
            try await eventually("it is in work") { test.gate.waiting == 1 }
            _ = await test.server.drain(timeout: .seconds(20), to: keeper)
            #expect(test.server.content.octets == 0)
            await test.server.takeBack()
            for connection in keeper.takeAll() { close(connection.descriptor) }
            try await eventually("it is in work again") { test.gate.waiting == 1 }
            try await eventually("it is counted again") { test.server.content.octets == 4 }
            test.gate.release()
            #expect(try await client.answer()?.body == "back")
            #expect(test.server.content.octets == 0)
        }
    }

    @Test("waits for a request with more than may travel, which is finished where it is")
    func tooMuch() async throws {
        let listener = try TestListener.tcp()
        let client = try Client(listener)
        let content = String(repeating: "x", count: OpenConnection.mostContent + 1)
        try await handOver(listener, limits: RequestLimits(body: 1 << 22)) { first in
            // Also of a method whose requests may be asked twice.
            try await client.send(post("/hold/content", content, method: "PUT"))
            try await eventually("it is in work") { first.gate.waiting == 1 }
        } during: { first in
            try await eventually("the hand-over waits") { first.server.awaitsHandOver }
            #expect(first.server.counts.handedOver == 0)
            first.gate.open()
            #expect(try await client.answer()?.body.utf8.count == content.utf8.count)
        } after: { _, connections in
            #expect(connections.map(\.stage) == [.idle])
            try await client.send(post("/content", "next"))
            #expect(try await client.answer()?.body == "next")
        }
    }
}
