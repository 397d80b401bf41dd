import Glibc
import Logging
import Testing

@testable import JournalLogging

@Suite(.timeLimit(.minutes(1))) struct LogPipelineTests {
    private func pipeline(_ recorder: Recorder, records: Int = 100) throws -> LogPipeline {
        try LogPipeline(output: recorder.output, level: .trace, capacity: LogCapacity(records: records))
    }

    @Test("What is logged is written, in order, and a flush waits for it")
    func writing() throws {
        let recorder = Recorder()
        let pipeline = try pipeline(recorder)
        for index in 0..<50 { pipeline.write(level: .info, message: "\(index)", fields: []) }
        #expect(pipeline.flush(within: .seconds(20)))
        #expect(recorder.records.map(\.message) == (0..<50).map(String.init))
        #expect(pipeline.droppedCount == 0)
    }

    @Test("A blocked output blocks nobody: drops are counted exactly, and reported once when it is back")
    func blocked() throws {
        let recorder = Recorder()
        let pipeline = try pipeline(recorder, records: 10)
        recorder.set { $0.isBlocked = true }
        pipeline.write(level: .warning, message: "first", fields: [])
        #expect(recorder.wait { $0.calls == 1 })

        let elapsed = SuspendingClock().measure {
            for index in 0..<1000 { pipeline.write(level: .info, message: "\(index)", fields: []) }
        }
        #expect(elapsed < .seconds(5))
        #expect(pipeline.droppedCount == 1000 - 9)
        #expect(!pipeline.flush(within: .milliseconds(20)))

        recorder.set { $0.isBlocked = false }
        #expect(pipeline.flush(within: .seconds(20)))
        pipeline.write(level: .info, message: "after", fields: [])
        #expect(pipeline.flush(within: .seconds(20)))
        let records = recorder.records
        #expect(records.prefix(10).map(\.message) == ["first"] + (0..<9).map(String.init))
        let reports = records.enumerated().filter { $0.element.messageID == LogPipeline.droppedMessageID }
        #expect(reports.map(\.offset) == [10])
        #expect(reports.first?.element.fields == [LogField("dropped.records", 991)])
        #expect(records.last?.message == "after")
        #expect(records.count == 12)
    }

    @Test("While the output fails records count as dropped; the count is logged when it recovers, without new records")
    func failing() throws {
        let recorder = Recorder()
        let pipeline = try pipeline(recorder)
        recorder.set { $0.loses = true }
        for _ in 0..<5 { pipeline.write(level: .info, message: "lost", fields: []) }
        #expect(pipeline.flush(within: .seconds(20)))
        #expect(pipeline.droppedCount == 5)
        recorder.set { $0.loses = false }
        #expect(recorder.wait { !$0.records.isEmpty })
        #expect(recorder.records.map(\.fields) == [[LogField("dropped.records", 5)]])
        #expect(pipeline.flush(within: .seconds(20)))
        #expect(pipeline.droppedCount == 5)
    }

    @Test("Many threads: each one's order is kept, and what was taken and what was dropped is what was offered")
    func concurrency() async throws {
        let recorder = Recorder()
        let pipeline = try pipeline(recorder, records: 50)
        let (threads, each) = (4, 2000)
        await withTaskGroup { group in
            for thread in 0..<threads {
                group.addTask {
                    for index in 0..<each {
                        let fields = [
                            LogField("thread", .integer(clamping: thread)), LogField("i", .integer(clamping: index)),
                        ]
                        pipeline.write(level: .info, message: "", fields: fields)
                    }
                }
            }
        }
        #expect(pipeline.flush(within: .seconds(20)))
        let records = recorder.records.filter { $0.messageID == nil }
        #expect(records.count + Int(pipeline.droppedCount) == threads * each)
        for thread in 0..<threads {
            let indices = records.filter { $0.fields[0].value == .integer(clamping: thread) }.map {
                integer($0.fields[1])
            }
            #expect(zip(indices, indices.dropFirst()).allSatisfy { $0 < $1 })
        }
        let reported = recorder.records.filter { $0.messageID != nil }.map { integer($0.fields[0]) }
        #expect(reported.reduce(0, +) == Int(pipeline.droppedCount))
    }

    @Test("A released pipeline writes what it has and lets go of its output")
    func release() throws {
        final class Token: Sendable {}
        struct Output: LogOutput {
            let recorder: Recorder
            let token: Token
            func write(_ records: [LogRecord]) -> Int { recorder.output.write(records) }
        }
        let recorder = Recorder()
        weak let token: Token?
        do {
            let strong = Token()
            token = strong
            let pipeline = try LogPipeline(output: Output(recorder: recorder, token: strong))
            pipeline.write(level: .info, message: "last", fields: [])
        }
        #expect(recorder.wait { $0.records.count == 1 })
        let clock = SuspendingClock()
        let deadline = clock.now.advanced(by: .seconds(20))
        while token != nil, clock.now < deadline { sched_yield() }
        #expect(token == nil)
    }

    @Test("The level can be changed for all handlers, but not for one that has its own")
    func level() throws {
        let recorder = Recorder()
        let pipeline = try LogPipeline(output: recorder.output, level: .info)
        let logger = Logger(label: "shared") { pipeline.makeHandler(label: $0) }
        var own = logger
        own.logLevel = .error
        func logAll(_ round: String) {
            logger.debug("shared \(round)")
            own.debug("own \(round)")
            pipeline.write(level: .debug, message: "direct \(round)", fields: [])
        }
        logAll("1")
        pipeline.setLevel(.debug)
        logAll("2")
        pipeline.setLevel(.critical)
        logAll("3")
        #expect(logger.logLevel == .critical)
        #expect(own.logLevel == .error)
        #expect(pipeline.flush(within: .seconds(20)))
        #expect(recorder.records.map(\.message) == ["shared 2", "direct 2"])
    }

    @Test("A handler merges its metadata, the provider's, the event's and the error's, and finds the identifier")
    func handler() throws {
        struct Failure: Error, CustomStringConvertible { let description = "it broke" }
        let recorder = Recorder()
        let pipeline = try pipeline(recorder)
        var handler = pipeline.makeHandler(
            label: "l",
            metadataProvider: Logger.MetadataProvider { ["a": "provider", "b": "provider"] }
        )
        handler[metadataKey: "a"] = "handler"
        handler[metadataKey: "c"] = "handler"
        let logger = Logger(label: "l") { _ in handler }
        logger.error(
            "m",
            error: Failure(),
            metadata: ["b": "event", MessageID.metadataKey: .messageID(MessageID(1, 2))]
        )
        #expect(pipeline.flush(within: .seconds(20)))
        let record = try #require(recorder.records.first)
        #expect(record.message == "m")
        #expect(record.label == "l")
        #expect(record.messageID == MessageID(1, 2))
        #expect(
            record.fields.filter { $0.name != "error.type" } == [
                LogField("a", "provider"), LogField("b", "event"), LogField("c", "handler"),
                LogField("error.message", "it broke"),
            ]
        )
        #expect(record.location.file == #fileID)
        #expect(record.location.function == #function)
    }
}
