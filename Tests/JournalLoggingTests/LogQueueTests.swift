import Testing

@testable import JournalLogging

@Suite struct LogQueueTests {
    private func queue(records: Int = 4, bytes: Int = 1 << 20) -> LogQueue {
        LogQueue(capacity: LogCapacity(records: records, bytes: bytes))
    }

    private func messages(_ turn: LogQueue.Turn) -> [String]? {
        if case .write(let records) = turn { records.map(\.message) } else { nil }
    }

    private func reported(_ turn: LogQueue.Turn) -> UInt64? {
        if case .report(let count) = turn { count } else { nil }
    }

    @Test("Records come out in order, in batches, and count until they are written")
    func order() {
        var queue = queue()
        for index in 0..<4 { #expect(queue.offer(.sample("\(index)")) == true) }
        #expect(messages(queue.next(atMost: 3)) == ["0", "1", "2"])
        #expect(queue.records == 4)
        #expect(queue.offer(.sample("too many")) == false)
        queue.settle(lost: 0)
        #expect(queue.records == 1)
        #expect(messages(queue.next(atMost: 3)) == ["3"])
        queue.settle(lost: 0)
        #expect((queue.records, queue.bytes) == (0, 0))
    }

    @Test("Bytes are bounded as well as records")
    func bytes() {
        let cost = LogRecord.sample(String(repeating: "x", count: 1000)).cost
        var queue = queue(records: 100, bytes: 2 * cost)
        #expect(queue.offer(.sample(String(repeating: "x", count: 1000))) == true)
        #expect(queue.offer(.sample(String(repeating: "x", count: 1001))) == false)
        #expect(queue.offer(.sample(String(repeating: "x", count: 1000))) == true)
        #expect(queue.offer(.sample("")) == false)
        #expect(queue.dropped == 2)
    }

    @Test("The report stands where the first missing record would have stood, once")
    func place() {
        var queue = queue()
        for index in 0..<4 { _ = queue.offer(.sample("\(index)")) }
        #expect(messages(queue.next(atMost: 2)) == ["0", "1"])
        _ = queue.offer(.sample("dropped"))
        _ = queue.offer(.sample("dropped"))
        queue.settle(lost: 0)
        _ = queue.offer(.sample("4"))
        #expect(messages(queue.next(atMost: 10)) == ["2", "3"])
        queue.settle(lost: 0)
        #expect(reported(queue.next(atMost: 10)) == 2)
        queue.settleReport(of: 2, written: true)
        #expect(messages(queue.next(atMost: 10)) == ["4"])
        queue.settle(lost: 0)
        guard case .idle(retry: false) = queue.next(atMost: 10) else { return #expect(Bool(false), "not idle") }
    }

    @Test("What is dropped while the report is written is reported too, later")
    func duringReport() {
        var queue = queue(records: 1)
        _ = queue.offer(.sample("0"))
        _ = queue.offer(.sample("dropped"))
        #expect(messages(queue.next(atMost: 1)) == ["0"])
        queue.settle(lost: 0)
        #expect(reported(queue.next(atMost: 1)) == 1)
        _ = queue.offer(.sample("1"))
        _ = queue.offer(.sample("dropped"))
        queue.settleReport(of: 1, written: true)
        #expect(messages(queue.next(atMost: 1)) == ["1"])
        queue.settle(lost: 0)
        #expect(reported(queue.next(atMost: 1)) == 1)
        queue.settleReport(of: 1, written: true)
        #expect(queue.dropped == 2)
    }

    @Test("While the output loses everything there is no report; with the first record it takes, there is")
    func failingOutput() {
        var queue = queue()
        _ = queue.offer(.sample("0"))
        _ = queue.next(atMost: 1)
        queue.settle(lost: 1)
        guard case .idle(retry: true) = queue.next(atMost: 1) else { return #expect(Bool(false), "not idle") }
        #expect(queue.isSettled(queue.accepted))
        _ = queue.offer(.sample("1"))
        #expect(messages(queue.next(atMost: 1)) == ["1"])
        queue.settle(lost: 0)
        #expect(reported(queue.next(atMost: 1)) == 1)
        #expect(!queue.isSettled(queue.accepted))
    }

    @Test("A report that fails is not itself missing, and is tried again with the whole count")
    func failingReport() {
        var queue = queue()
        _ = queue.offer(.sample("0"))
        _ = queue.next(atMost: 1)
        queue.settle(lost: 1)
        queue.retry()
        #expect(reported(queue.next(atMost: 1)) == 1)
        queue.settleReport(of: 1, written: false)
        guard case .idle(retry: true) = queue.next(atMost: 1) else { return #expect(Bool(false), "not idle") }
        queue.retry()
        #expect(reported(queue.next(atMost: 1)) == 1)
        #expect(queue.dropped == 1)
    }

    @Test("A closed queue takes nothing, gives what it has, and is finished")
    func closing() {
        var queue = queue()
        _ = queue.offer(.sample("0"))
        queue.close()
        #expect(queue.offer(.sample("1")) == false)
        #expect(messages(queue.next(atMost: 1)) == ["0"])
        queue.settle(lost: 1)
        guard case .finished = queue.next(atMost: 1) else { return #expect(Bool(false), "not finished") }
    }

    @Test("However offers, batches, losses and reports mix, every record is accounted for")
    func accounting() {
        var generator = SeededGenerator(state: 4)
        var queue = queue(records: 10)
        var (offered, written, reportedTotal) = (UInt64(0), UInt64(0), UInt64(0))
        for _ in 0..<20_000 {
            for _ in 0..<Int.random(in: 0...4, using: &generator) {
                offered += 1
                _ = queue.offer(.sample())
            }
            if Int.random(in: 0..<10, using: &generator) == 0 { queue.retry() }
            switch queue.next(atMost: 3) {
            case .write(let records):
                let lost = Bool.random(using: &generator) ? Int.random(in: 0...records.count, using: &generator) : 0
                if Bool.random(using: &generator) {
                    offered += 1
                    _ = queue.offer(.sample())
                }
                queue.settle(lost: lost)
                written += UInt64(records.count - lost)
            case .report(let count):
                let isWritten = Bool.random(using: &generator)
                queue.settleReport(of: count, written: isWritten)
                if isWritten { reportedTotal += count }
            case .idle, .finished: break
            }
            #expect(queue.records <= 10)
            #expect(written + queue.dropped + UInt64(queue.records) == offered)
        }
        #expect(reportedTotal > 0)
        #expect(reportedTotal <= queue.dropped)
    }
}
