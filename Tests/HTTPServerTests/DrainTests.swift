import Glibc
import Testing

@testable import HTTPServer

@Suite("A drain", .serialized)
struct DrainTests {
    @Test("finishes requests in work, as the last of their connections, and tells it with the answer")
    func finishesWork() async throws {
        try await TestServer.run(loops: 1) { test in
            let (client, idle) = (try test.client(), try test.client())
            try await idle.send(get("/1"))
            #expect(try await idle.answer()?.closes == false)
            try await client.send(get("/hold"))
            try await eventually("the request is in work") { test.gate.waiting == 1 }
            async let result = test.server.drain(timeout: .seconds(30))
            // The loop's idle connection ends: so the drain has reached the other one, too.
            #expect(try await idle.answer() == nil)
            idle.close()
            #expect(try await client.isSilent(forMilliseconds: 100))
            test.gate.release()
            let answer = try #require(try await client.answer())
            #expect(answer.body == "/hold")
            #expect(answer.closes)
            #expect(try await client.answer() == nil)
            client.close()
            let ended = await result
            #expect(ended == HTTPServer.DrainResult())
        }
    }

    @Test("answers every request that was already sent, pipelined or half arrived")
    func answersWhatWasSent() async throws {
        // With one loop, so that the drain has reached all of its connections when it has ended one.
        try await TestServer.run(loops: 1) { test in
            let pipelining = try test.client()
            try await pipelining.send(get("/hold") + get("/2") + get("/3"))
            let slow = try test.client()
            try await slow.send("GET /slow HTTP/1.1\r\nHost")
            try await eventually("the request is in work") {
                test.gate.waiting == 1 && test.server.counts.connections == 2
            }
            async let result = test.server.drain(timeout: .seconds(10))
            try await eventually("the drain has begun") { test.server.isDraining }
            test.gate.release()
            #expect(try await pipelining.answers().map(\.body) == ["/hold", "/2", "/3"])
            try await slow.send(": a\r\n\r\n")
            let answer = try #require(try await slow.answer())
            #expect(answer.body == "/slow")
            #expect(answer.closes)
            pipelining.close()
            slow.close()
            let ended = await result
            #expect(ended == HTTPServer.DrainResult())
        }
    }

    @Test("answers all that a client had pipelined that reads slowly, past the grace of idle connections")
    func slowReader() async throws {
        try await TestServer.run(loops: 1) { test in
            let (slow, idle) = (try test.client(receiveBuffer: 4096), try test.client())
            try await idle.send(get("/1"))
            #expect(try await idle.answer()?.body == "/1")
            // More than the kernel holds of the answers.
            let count = 150
            try await slow.send(String(repeating: get("/large"), count: count))
            try await eventually("answers pile up") { test.server.counts.answered > 2 }
            async let result = test.server.drain(timeout: .seconds(30))
            #expect(try await idle.answer() == nil)
            idle.close()
            let answers = try await slow.answers()
            #expect(answers.count == count)
            #expect(answers.last?.closes == true)
            slow.close()
            let ended = await result
            #expect(ended == HTTPServer.DrainResult())
        }
    }

    @Test("holds an idle connection for a grace, in which it answers, then closes it")
    func idleConnections() async throws {
        try await TestServer.run(timeouts: ConnectionTimeouts(drainGrace: .milliseconds(400))) { test in
            let (idle, late) = (try test.client(), try test.client())
            for client in [idle, late] {
                try await client.send(get("/1"))
                _ = try await client.answer()
            }
            // The first may still come before its event loop drains; each answer begins the grace anew.
            async let exchange = late.exchange(get("/2")) { test.server.isDraining }
            async let result = test.server.drain(timeout: .seconds(30))
            let answers = try await exchange
            #expect(answers.allSatisfy { $0.body == "/2" })
            #expect(answers.last?.closes == true)
            #expect(try await idle.answer() == nil)
            idle.close()
            late.close()
            let ended = await result
            #expect(ended == HTTPServer.DrainResult())
        }
    }

    @Test("cuts what is left when its time is up, and counts it")
    func timesOut() async throws {
        try await TestServer.run { test in
            let clients = try (0..<3).map { _ in try test.client() }
            for client in clients { try client.sendNow(get("/hold")) }
            try await eventually("the requests are in work") { test.gate.waiting == 3 }
            let result = await test.server.drain(timeout: .milliseconds(100))
            #expect(result == HTTPServer.DrainResult(cutConnections: 3, cutRequests: 3))
            try await eventually("the responders were cancelled") {
                test.gate.cancelled == 3 && test.server.counts.inFlight == 0
            }
            for client in clients { #expect(try await client.answer() == nil) }
        }
    }

    @Test("never shuts the listener down: who has it accepts the rest", arguments: [true, false])
    func listenerSurvives(isTCP: Bool) async throws {
        let listener: TestListener = try isTCP ? .tcp() : .unix()
        try await TestServer.run(listener) { test in
            let first = try test.client()
            try await first.send(get("/1"))
            #expect(try await first.answer()?.status == 200)
            first.close()
            _ = await test.server.drain(timeout: .seconds(5))
            // It waits in the queue, and the next server answers it.
            let second = try Client(listener)
            try await second.send(get("/2"))
            #expect(try await second.isSilent(forMilliseconds: 50))
            try await TestServer.run(listener) { (_) async throws -> Void in
                #expect(try await second.answer()?.body == "/2")
            }
        }
    }

    @Test("loses no connection: each is answered, or waits in the queue", arguments: 0..<10)
    func losesNothing(tenth: Int) async throws {
        for round in tenth * 10..<tenth * 10 + 10 {
            let listener = try round % 2 == 0 ? TestListener.tcp() : TestListener.unix()
            // The grace is only there for a client that the machine holds up between its connect and its request.
            try await TestServer.run(listener, timeouts: ConnectionTimeouts(drainGrace: .seconds(10))) { test in
                // Connected and sent, all before and while the drain begins.
                let clients = try (0..<8).map { _ in try Client(listener) }
                async let result = test.server.drain(timeout: .seconds(30))
                for client in clients { client.trySend(get("/1")) }
                if round % 4 < 2 { for client in clients { client.endHalf() } }
                // Each ends its connection when it has its answer, which else lingers until its time is up.
                async let answers = withThrowingTaskGroup { group in
                    for client in clients {
                        group.addTask {
                            let answer = try await client.answer()
                            client.close()
                            return answer?.status
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                let cut = await result.cutConnections
                #expect(cut == 0)
                var queued = 0
                while let descriptor = listener.accept(within: 0) {
                    queued += 1
                    let text = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
                    _ = Array(text.utf8).withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
                    // The request is read, lest the close be a reset.
                    var octets = [UInt8](repeating: 0, count: 1024)
                    _ = read(descriptor, &octets, octets.count)
                    close(descriptor)
                }
                #expect(try await answers == clients.map { _ in 200 }, "round \(round)")
                #expect(test.server.counts.accepted + queued == clients.count)
            }
        }
    }

    @Test("serving does not shrink the queue that the service manager set")
    func queueLength() async throws {
        let listener = try TestListener.tcp(queue: 1 << 20)
        let before = try listener.queueLimit()
        try #require(before > 128)
        try await TestServer.run(listener) { (_) async throws -> Void in
            let during = try listener.queueLimit()
            #expect(during >= before)
        }
        let after = try listener.queueLimit()
        #expect(after >= before)
    }

    @Test("a full server accepts no more, and goes on when there is room", arguments: [1, 5])
    func connectionLimit(limit: Int) async throws {
        // They wait in the queue before the server begins, so that one turn could take them all.
        let listener = try TestListener.tcp()
        let clients = try (0..<20).map { _ in try Client(listener) }
        for client in clients { try client.sendNow(get("/hold")) }
        try await TestServer.run(listener, maxConnections: limit) { test in
            for served in stride(from: 0, to: 20, by: limit) {
                try await eventually("as many as fit are in work") {
                    test.server.counts.accepted == served + limit && test.gate.waiting == limit
                        && test.observer.seen.last == "paused connection_limit"
                }
                #expect(test.server.counts.connections == limit)
                // It is told once, however often one more is accepted.
                #expect(test.observer.seen.filter { $0.hasPrefix("paused") } == ["paused connection_limit"])
                #expect(!test.observer.seen.contains("resumed connection_limit"))
                for client in clients[served..<served + limit] { client.reset() }
            }
            try await eventually("there is room") { test.server.counts.connections == 0 }
            try await eventually("it is told") { test.observer.seen.contains("resumed connection_limit") }
        }
    }

    @Test("a full server can be drained, and begins no more connections then")
    func drainWhenFull() async throws {
        let listener = try TestListener.tcp()
        let clients = try (0..<4).map { _ in try Client(listener) }
        for client in clients { try client.sendNow(get("/hold")) }
        try await TestServer.run(listener, maxConnections: 2) { test in
            try await eventually("as many as fit are in work") { test.gate.waiting == 2 }
            async let result = test.server.drain(timeout: .seconds(5))
            try await eventually("the drain has begun") { test.server.isDraining }
            test.gate.release()
            #expect(try await clients[0].answer()?.body == "/hold")
            #expect(try await clients[1].answer()?.body == "/hold")
            clients[0].close()
            clients[1].close()
            let ended = await result
            #expect(ended == HTTPServer.DrainResult())
            #expect(test.server.counts.accepted == 2)
        }
        #expect(listener.accept(within: 100) != nil)
        #expect(listener.accept(within: 100) != nil)
    }
}
