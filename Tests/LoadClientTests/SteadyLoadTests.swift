import LoadClient
import NIOCore
import Testing

/// Loads that go on until they are stopped.
@Suite(.timeLimit(.minutes(1)))
struct SteadyLoadTests {
    private func plan(_ target: Target) -> RequestPlan {
        var plan = RequestPlan(target: target, expecting: "right")
        // Generous: a machine with other work must not make a failure of a right answer, or of a close.
        plan.timeout = .seconds(30)
        plan.closeWithin = .seconds(30)
        return plan
    }

    @Test func keptConnectionsAreUsedAgainAndAgain() async throws {
        try await ScriptedServer.with(script: { $0.answer() }) { target in
            try await withLoadEngine { engine in
                let load = try await engine.keepAliveLoad(plan(target), connections: 10)
                try await load.waitForAnswers(500, within: .seconds(30))
                let report = await load.stop()
                #expect(report.isClean, "\(report)")
                #expect(report.count(.ok) >= 500)
                #expect(report.connections == 10)
                #expect(report.reconnects == 0)
            }
        }
    }

    @Test func freshConnectionsAreOnePerRequest() async throws {
        let script: @Sendable (ScriptedServer.Exchange) -> Void = { exchange in
            let closes = exchange.field("Connection") == "close"
            exchange.answer(fields: closes ? "Connection: close\r\n" : "")
            if closes { exchange.close() }
        }
        try await ScriptedServer.with(script: script) { target in
            try await withLoadEngine { engine in
                for announces in [true, false] {
                    let load = try await engine.freshConnectionLoad(
                        plan(target),
                        concurrency: 5,
                        announceClose: announces
                    )
                    try await load.waitForAnswers(100, within: .seconds(30))
                    let report = await load.stop()
                    #expect(report.isClean, "\(report)")
                    #expect(report.connections == report.attempted)
                    #expect(report.closeAnnounced == (announces ? report.attempted : 0))
                    #expect(report.closeMissing == 0)
                }
            }
        }
    }

    @Test func twoLoadsAtOnceAddUp() async throws {
        let path = temporarySocketPath("two")
        try await ScriptedServer.with(script: { $0.answer() }) { tcp in
            try await ScriptedServer.with(unixPath: path, script: { $0.answer() }) { unix in
                try await withLoadEngine { engine in
                    let first = try await engine.keepAliveLoad(plan(tcp), connections: 3)
                    let second = try await engine.keepAliveLoad(plan(unix), connections: 3)
                    try await first.waitForAnswers(50, within: .seconds(30))
                    try await second.waitForAnswers(50, within: .seconds(30))
                    var sum = await first.stop()
                    let other = await second.stop()
                    let counts = (sum.count(.ok), other.count(.ok))
                    sum.merge(other)
                    #expect(sum.isClean, "\(sum)")
                    #expect(sum.count(.ok) == counts.0 + counts.1)
                    #expect(sum.timeline.steps.reduce(0) { $0 + $1.completed } == counts.0 + counts.1)
                }
            }
        }
    }

    @Test func anAnnouncedCloseIsNoFailureAndBringsANewConnection() async throws {
        let script: @Sendable (ScriptedServer.Exchange) -> Void = { exchange in
            let closes = exchange.number == 2
            exchange.answer(fields: closes ? "Connection: keep-alive, Close\r\n" : "")
            if closes { exchange.close() }
        }
        try await ScriptedServer.with(script: script) { target in
            try await withLoadEngine { engine in
                let load = try await engine.keepAliveLoad(plan(target), connections: 2)
                try await load.wait(within: .seconds(30)) { $0.reconnects >= 4 }
                let report = await load.stop()
                #expect(report.isClean, "\(report)")
                #expect(report.closeAnnounced >= 4)
                #expect(report.idleClosed == 0)
            }
        }
    }

    @Test func anIdleConnectionThatIsClosedIsNoFailure() async throws {
        let script: @Sendable (ScriptedServer.Exchange) -> Void = { exchange in
            exchange.answer()
            // Right behind the answer, while the client thinks: later it might meet the next request.
            exchange.close()
        }
        try await ScriptedServer.with(script: script) { target in
            try await withLoadEngine { engine in
                let load = try await engine.keepAliveLoad(plan(target), connections: 4, thinkTime: .seconds(1))
                try await load.wait(within: .seconds(30)) { $0.idleClosed >= 4 && $0.reconnects >= 3 }
                let report = await load.stop()
                #expect(report.isClean, "\(report)")
            }
        }
    }

    @Test func anIdleConnectionThatIsResetIsCountedApart() async throws {
        let script: @Sendable (ScriptedServer.Exchange) -> Void = { exchange in
            exchange.answer()
            // What came before a reset is still read, so this is as good as one that comes later.
            exchange.reset()
        }
        try await ScriptedServer.with(script: script) { target in
            try await withLoadEngine { engine in
                let load = try await engine.keepAliveLoad(plan(target), connections: 4, thinkTime: .seconds(1))
                try await load.wait(within: .seconds(30)) { $0.idleReset >= 4 }
                let report = await load.stop()
                #expect(report.failures == 0 && report.idleClosed == 0, "\(report)")
            }
        }
    }

    @Test func echoedRequestIDsTellAnAnswerGivenTwice() async throws {
        let script: @Sendable (ScriptedServer.Exchange) -> Void = { exchange in
            // The third answer is the second once more.
            if exchange.number == 2 {
                exchange.answer(fields: "X-Request-ID: t-1\r\n")
            } else {
                exchange.answer(fields: "X-Request-ID: \(exchange.field("X-Request-ID") ?? "none")\r\n")
            }
        }
        try await ScriptedServer.with(script: script) { target in
            try await withLoadEngine { engine in
                var plan = plan(target)
                plan.requestIDPrefix = "t"
                let load = try await engine.keepAliveLoad(plan, connections: 1)
                try await load.wait(within: .seconds(30)) { $0.count(.duplicated) >= 1 }
                let report = await load.stop()
                #expect(report.count(.ok) >= 2)
                #expect(report.count(.wrongAnswer) >= 1, "\(report)")
            }
        }
    }

    @Test func requestsMayDependOnTheirSequence() async throws {
        try await ScriptedServer.with(script: { $0.answer("got \($0.path)") }) { target in
            try await withLoadEngine(eventLoops: 2) { engine in
                let plan = RequestPlan(target: target) { sequence in
                    .init(path: "/hello/\(sequence)", expectedBody: Array("got /hello/\(sequence)".utf8))
                }
                let load = try await engine.keepAliveLoad(plan, connections: 4)
                try await load.waitForAnswers(100, within: .seconds(30))
                let report = await load.stop()
                #expect(report.isClean, "\(report)")
            }
        }
    }

    @Test func aStopLetsRequestsInWorkFinish() async throws {
        let script: @Sendable (ScriptedServer.Exchange) -> Void = { exchange in
            exchange.channel.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(300)) { exchange.answer() }
        }
        try await ScriptedServer.with(script: script) { target in
            try await withLoadEngine { engine in
                let load = try await engine.keepAliveLoad(plan(target), connections: 8)
                try await load.wait(within: .seconds(30)) { $0.attempted >= 8 && $0.connections == 8 }
                let report = await load.stop()
                // All eight have a request in work at any time; how many they had before is the machine's affair.
                #expect(report.isClean, "\(report)")
                #expect(report.count(.ok) == report.attempted)
                #expect(report.count(.ok) >= 8)
            }
        }
    }

    @Test func anEngineMayBeShutDownUnderItsLoads() async throws {
        // As when a check fails before the load is stopped. NIO ends the process where a promise is left behind.
        let nobody = RequestPlan(target: .unix(path: temporarySocketPath("never")))
        try await ScriptedServer.with(script: { _ in }) { target in
            try await withLoadEngine(eventLoops: 2) { engine in
                let working = try await engine.keepAliveLoad(plan(target), connections: 4)
                let refused = try await engine.keepAliveLoad(nobody, connections: 4)
                try await working.wait(within: .seconds(30)) { $0.attempted == 4 && $0.connections == 4 }
                try await refused.wait(within: .seconds(30)) { $0.count(.refused) >= 4 }
            }
        }
    }

    @Test func theGraceOfAStopIsBounded() async throws {
        try await ScriptedServer.with(script: { _ in }) { target in
            try await withLoadEngine { engine in
                let load = try await engine.keepAliveLoad(plan(target), connections: 8)
                try await load.wait(within: .seconds(30)) { $0.connections == 8 }
                let report = await load.stop(grace: .milliseconds(100))
                #expect(report.count(.unfinished) == 8, "\(report)")
            }
        }
    }
}
