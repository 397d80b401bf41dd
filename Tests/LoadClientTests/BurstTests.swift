import Glibc
import LoadClient
import NIOCore
import Testing

/// Each outcome provoked once by a burst.
@Suite(.timeLimit(.minutes(1)))
struct BurstTests {
    private func burst(
        _ connections: Int = 3,
        settle: Duration = .milliseconds(20),
        change: (inout RequestPlan) -> Void = { _ in },
        script: @escaping @Sendable (ScriptedServer.Exchange) -> Void
    ) async throws -> LoadReport {
        try await ScriptedServer.with(script: script) { target in
            try await withLoadEngine { engine in
                var plan = RequestPlan(target: target, path: "/x", expecting: "right")
                plan.timeout = .seconds(30)
                change(&plan)
                let report = try await engine.burst(plan, connections: connections, settle: settle)
                #expect(report.attempted == connections)
                let sum = Outcome.allCases.reduce(0) { $0 + ($1 == .duplicated ? 0 : report.count($1)) }
                #expect(sum == connections)
                return report
            }
        }
    }

    @Test(arguments: [true, false])
    func thousandRightAnswersAreOK(waitForAll: Bool) async throws {
        try await ScriptedServer.with(script: { $0.answer() }) { target in
            try await withLoadEngine(eventLoops: 2) { engine in
                let plan = RequestPlan(target: target, expecting: "right")
                let report = try await engine.burst(plan, connections: 1000, waitForAll: waitForAll)
                #expect(report.isClean, "\(report)")
                #expect(report.count(.ok) == 1000)
                #expect(report.connections == 1000)
                #expect(report.statusCounts == [200: 1000])
                #expect(report.timeline.steps.reduce(0) { $0 + $1.completed } == 1000)
                #expect(report.slowest > .zero && report.slowest >= report.latency(atPercentile: 50))
            }
        }
    }

    @Test func answersInSingleBytesAreOK() async throws {
        let report = try await burst { exchange in
            let bytes = Array("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nright".utf8)
            let channel = exchange.channel
            for (index, byte) in bytes.enumerated() {
                channel.eventLoop.scheduleTask(in: .microseconds(Int64(index) * 500)) {
                    channel.writeAndFlush(ByteBuffer(bytes: [byte]), promise: nil)
                }
            }
        }
        #expect(report.count(.ok) == 3, "\(report)")
    }

    @Test func differentBodyOfTheSameLengthIsWrong() async throws {
        let report = try await burst { $0.answer("rigth") }
        #expect(report.count(.wrongAnswer) == 3)
        #expect(report.examples.first?.text.contains("differs at byte 3") == true, "\(report)")
    }

    @Test func bodyOfAnotherLengthIsWrong() async throws {
        let report = try await burst { $0.answer("right!") }
        #expect(report.count(.wrongAnswer) == 3)
        #expect(report.examples.first?.text.contains("6 bytes, not 5") == true, "\(report)")
    }

    @Test func anotherStatusIsWrongAndIsCounted() async throws {
        let report = try await burst { $0.answer("draining", status: "503 Service Unavailable") }
        #expect(report.count(.wrongAnswer) == 3)
        #expect(report.statusCounts == [503: 3])
        #expect(report.examples.first?.text.contains("draining") == true, "\(report)")
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\n\r\nright", "HTTP/1.1 200 OK\nContent-Length: 5\n\nright\r\n\r\n",
        "ICY 200 OK\r\nContent-Length: 5\r\n\r\nright",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nright",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwrong\r\n0\r\n\r\n",
    ])
    func whatIsNoPlainAnswerIsWrong(bytes: String) async throws {
        let report = try await burst { $0.send(bytes) }
        #expect(report.count(.wrongAnswer) == 3, "\(report)")
    }

    @Test func secondAnswerIsDuplicated() async throws {
        let together = try await burst {
            let answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nright"
            $0.send(answer + answer)
        }
        #expect(together.count(.ok) == 3)
        #expect(together.count(.duplicated) == 3, "\(together)")
        #expect(!together.isClean)
    }

    @Test func secondAnswerThatComesLaterIsDuplicated() async throws {
        let report = try await burst(settle: .seconds(1)) { exchange in
            exchange.answer()
            let channel = exchange.channel
            channel.eventLoop.scheduleTask(in: .milliseconds(5)) {
                channel.writeAndFlush(ByteBuffer(string: "HTTP/1.1 200 OK\r\n"), promise: nil)
            }
        }
        #expect(report.count(.ok) == 3)
        #expect(report.count(.duplicated) == 3, "\(report)")
    }

    @Test func endWithoutAnAnswerIsClosed() async throws {
        let report = try await burst { $0.close() }
        #expect(report.count(.closed) == 3, "\(report)")
    }

    @Test func endInsideAnAnswerIsClosed() async throws {
        let report = try await burst { exchange in
            exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nrig")
            exchange.close()
        }
        #expect(report.count(.closed) == 3)
        #expect(report.examples.first?.text.contains("inside the answer") == true, "\(report)")
    }

    @Test func resetIsReset() async throws {
        let report = try await burst { $0.reset() }
        #expect(report.count(.reset) == 3, "\(report)")
    }

    @Test func noAnswerIsTimedOut() async throws {
        let report = try await burst(change: { $0.timeout = .milliseconds(200) }, script: { _ in })
        #expect(report.count(.timedOut) == 3, "\(report)")
        #expect(report.wallTime >= .milliseconds(200) && report.wallTime < .seconds(30))
    }

    @Test func rightAnswerOverTheBoundIsSlow() async throws {
        let report = try await burst(change: { $0.slowerThan = .milliseconds(30) }) { exchange in
            exchange.channel.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(60)) { exchange.answer() }
        }
        #expect(report.count(.slow) == 3, "\(report)")
        #expect(report.latency(atPercentile: 50) >= .milliseconds(55))
    }

    @Test func overallBoundLeavesRequestsUnfinished() async throws {
        try await ScriptedServer.with(script: { _ in }) { target in
            try await withLoadEngine { engine in
                let plan = RequestPlan(target: target, expecting: "right")
                let report = try await engine.burst(plan, connections: 20, within: .milliseconds(150))
                #expect(report.count(.unfinished) == 20, "\(report)")
                #expect(report.wallTime < .seconds(30))
            }
        }
    }

    @Test func cancellationEndsABurst() async throws {
        try await ScriptedServer.with(script: { _ in }) { target in
            try await withLoadEngine { engine in
                let task = Task { try await engine.burst(RequestPlan(target: target), connections: 5) }
                try await Task.sleep(for: .milliseconds(50))
                task.cancel()
                let report = try await task.value
                #expect(report.count(.unfinished) == 5, "\(report)")
                #expect(report.wallTime < .seconds(30))
            }
        }
    }

    @Test func headAnswerHasNoBody() async throws {
        let report = try await burst(change: { $0.method = "HEAD" }) {
            $0.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
        }
        #expect(report.isClean, "\(report)")
    }
}
