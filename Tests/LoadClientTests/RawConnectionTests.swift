import LoadClient
import NIOCore
import Testing

/// The scripted client.
@Suite(.timeLimit(.minutes(1)))
struct RawConnectionTests {
    @Test func getTellsTheAnswerAndItsTimes() async throws {
        let script: @Sendable (ScriptedServer.Exchange) -> Void = { exchange in
            exchange.channel.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(50)) {
                exchange.answer("hi \(exchange.path)", fields: "X-A: 1\r\nx-a:\t2 \r\n")
            }
        }
        try await ScriptedServer.with(script: script) { target in
            let timed = try await LoadEngine.shared.get(target, path: "/p", within: .seconds(30))
            #expect(timed.response.status == 200)
            #expect(timed.response.text == "hi /p")
            #expect(timed.response.values("X-A") == ["1", "2"])
            #expect(timed.timeToFirstByte >= .milliseconds(45))
            #expect(timed.totalTime >= timed.timeToFirstByte)
        }
    }

    @Test func answersAreReadOneByOne() async throws {
        let script: @Sendable (ScriptedServer.Exchange) -> Void = { exchange in
            exchange.send("HTTP/1.1 100 Continue\r\n\r\n")
            exchange.answer("one")
            exchange.send(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntwo\r\n1;x=y\r\n!\r\n0\r\nA: b\r\n\r\n"
            )
        }
        try await ScriptedServer.with(script: script) { target in
            try await RawConnection.withConnection(to: target) { connection in
                try await connection.send("GET / HTTP/1.1\r\n\r\n")
                #expect(try await connection.readResponse().status == 100)
                #expect(try await connection.readResponse().text == "one")
                #expect(try await connection.readResponse().text == "two!")
                #expect(try await connection.staysSilent(for: .milliseconds(30)))
            }
        }
    }

    @Test func anAnswerToHeadHasNoBody() async throws {
        let script: @Sendable (ScriptedServer.Exchange) -> Void = {
            $0.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
        }
        try await ScriptedServer.with(script: script) { target in
            let timed = try await LoadEngine.shared.get(target, method: "HEAD", within: .seconds(30))
            #expect(timed.response["Content-Length"] == "9")
            #expect(timed.response.body.isEmpty)
        }
    }

    @Test func bodyWithoutALengthEndsWithTheStream() async throws {
        let script: @Sendable (ScriptedServer.Exchange) -> Void = { exchange in
            exchange.send("HTTP/1.1 200 OK\r\n\r\nall of it")
            exchange.close()
        }
        try await ScriptedServer.with(script: script) { target in
            let timed = try await LoadEngine.shared.get(target, within: .seconds(30))
            #expect(timed.response.text == "all of it")
        }
    }

    @Test func readingByCountByMarkAndToTheEnd() async throws {
        let script: @Sendable (ScriptedServer.Exchange) -> Void = { exchange in
            exchange.send("abcdef--ghi")
            exchange.close()
        }
        try await ScriptedServer.with(script: script) { target in
            try await RawConnection.withConnection(to: target) { connection in
                try await connection.sendSlowly("GET / HTTP/1.1\r\n\r\n", pieces: 7, every: .milliseconds(1))
                #expect(try await connection.read(count: 2, within: .seconds(30)) == Array("ab".utf8))
                #expect(try await connection.read(until: "--", within: .seconds(30)) == Array("cdef--".utf8))
                #expect(try await connection.readToEnd(within: .seconds(30)) == Array("ghi".utf8))
            }
        }
    }

    @Test func aHalfClosedClientStillReads() async throws {
        let script: @Sendable (ScriptedServer.Exchange) -> Void = { exchange in
            exchange.channel.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(50)) { exchange.answer() }
        }
        try await ScriptedServer.with(script: script) { target in
            try await RawConnection.withConnection(to: target) { connection in
                try await connection.send("GET / HTTP/1.1\r\n\r\n")
                try await connection.halfClose()
                #expect(try await connection.readResponse(within: .seconds(30)).text == "right")
                #expect(try await connection.waitForEnd(within: .seconds(30)) == .endOfFile)
            }
        }
    }

    @Test func aResetIsToldFromAnEnd() async throws {
        try await ScriptedServer.with(script: { $0.reset() }) { target in
            try await RawConnection.withConnection(to: target) { connection in
                try await connection.send("GET / HTTP/1.1\r\n\r\n")
                #expect(try await connection.waitForEnd(within: .seconds(30)) == .reset)
                await #expect { try await connection.readToEnd(within: .seconds(30)) } throws: {
                    ($0 as? RawConnectionError)?.kind == .reset
                }
            }
        }
    }

    @Test func resetReachesTheServerAsAReset() async throws {
        let (errors, continuation) = AsyncStream.makeStream(of: String.self)
        let watch: @Sendable (any Channel) -> Void = { channel in
            channel.pipeline.addHandler(ErrorWatch(continuation)).whenFailure { _ in continuation.finish() }
        }
        try await ScriptedServer.with(onConnect: watch, script: { $0.answer() }) { target in
            let connection = try await RawConnection.connect(to: target)
            try await connection.send("GET / HTTP/1.1\r\n\r\n")
            _ = try await connection.readResponse()
            await connection.reset()
            let seen = await errors.first { _ in true }
            #expect(seen?.contains("reset") == true, "\(seen ?? "nothing")")
        }
    }

    @Test func waitsAreBoundedAndTellWhatCame() async throws {
        try await ScriptedServer.with(script: { $0.send("!HTTP/1.1 2") }) { target in
            try await RawConnection.withConnection(to: target) { connection in
                try await connection.send("GET / HTTP/1.1\r\n\r\n")
                // All of it has come with its first byte.
                #expect(try await connection.read(count: 1, within: .seconds(30)) == Array("!".utf8))
                await #expect { try await connection.readResponse(within: .milliseconds(100)) } throws: {
                    guard let error = $0 as? RawConnectionError else { return false }
                    return error.kind == .timedOut && error.received == Array("HTTP/1.1 2".utf8)
                }
            }
        }
    }

    @Test func aCancelledWaitEnds() async throws {
        try await ScriptedServer.with(script: { _ in }) { target in
            try await RawConnection.withConnection(to: target) { connection in
                let task = Task { try await connection.readResponse(within: .seconds(30)) }
                task.cancel()
                await #expect { try await task.value } throws: { ($0 as? RawConnectionError)?.kind == .cancelled }
            }
        }
    }

    @Test func nobodyListeningIsRefused() async throws {
        await #expect {
            try await LoadEngine.shared.get(.unix(path: temporarySocketPath("nobody")), within: .seconds(1))
        } throws: {
            ($0 as? RawConnectionError)?.kind == .refused
        }
    }

    @Test func aPeerThatIsNotReadStalls() async throws {
        let big = String(repeating: "x", count: 8 << 20)
        let script: @Sendable (ScriptedServer.Exchange) -> Void = { $0.answer(big) }
        try await ScriptedServer.with(script: script) { target in
            try await RawConnection.withConnection(to: target, readsAtOnce: false, receiveBuffer: 4096) { connection in
                try await connection.send("GET / HTTP/1.1\r\n\r\n")
                #expect(try await connection.staysSilent(for: .milliseconds(50)))
                try await connection.setReading(true)
                #expect(try await connection.read(count: big.utf8.count, within: .seconds(30)).count == big.utf8.count)
            }
        }
    }
}

private final class ErrorWatch: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let continuation: AsyncStream<String>.Continuation

    init(_ continuation: AsyncStream<String>.Continuation) { self.continuation = continuation }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        continuation.yield("\(error)")
        context.fireErrorCaught(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        continuation.yield("closed")
        context.fireChannelInactive()
    }
}
