import Glibc
import NIOCore
import Testing

@testable import LoadClient

/// The parts without a socket.
struct PureTests {
    private func scan(_ text: String, pieces: Int, expected: ExpectedAnswer) -> ResponseScanner.Step {
        var scanner = ResponseScanner()
        scanner.expect(expected)
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            let end = min(start + pieces, bytes.count)
            let step = bytes[start..<end].withUnsafeBytes { scanner.feed($0) }
            if step != .more { return step }
            start = end
        }
        return .more
    }

    @Test(arguments: 1...80)
    func anAnswerIsTheSameInWhateverPiecesItComes(size: Int) {
        let text = "HTTP/1.1 200 OK\r\nDate: x\r\nconnection: a, CLOSE\t\r\ncontent-length: 5\r\n\r\nright"
        let expected = ExpectedAnswer(status: 200, body: Array("right".utf8))
        guard case .complete(let answer, _) = scan(text, pieces: size, expected: expected) else {
            Issue.record("not complete")
            return
        }
        #expect(answer == .init(status: 200, announcesClose: true, requestID: nil, fault: nil))
        guard case .complete(let wrong, _) = scan(text + "", pieces: size, expected: .init(body: Array("wrong".utf8)))
        else {
            Issue.record("not complete")
            return
        }
        #expect(wrong.fault?.contains("byte 0") == true)
    }

    @Test func bytesBehindAnAnswerAreNotTaken() {
        let text = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1"
        let step = scan(text, pieces: 1000, expected: ExpectedAnswer())
        guard case .complete(_, let consumed) = step else {
            Issue.record("\(step)")
            return
        }
        #expect(consumed == text.utf8.count - 8)
    }

    @Test(arguments: 1...90)
    func chunksAreOneAnswerInWhateverPiecesTheyCome(size: Int) {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"
        let text = head + "3\r\nrig\r\n0002;a=\"b\"\r\nht\r\n0\r\nA: b\r\nC: d\r\n\r\n"
        func fault(_ body: String) -> String? {
            guard case .complete(let answer, _) = scan(text, pieces: size, expected: .init(body: Array(body.utf8)))
            else {
                return "not complete"
            }
            return answer.fault
        }
        #expect(fault("right") == nil)
        #expect(fault("rigid")?.contains("byte 3") == true)
        #expect(fault("rights")?.contains("body of 5 bytes, not 6") == true)
        #expect(fault("righ")?.contains("more than 4") == true)
    }

    @Test func bytesBehindChunksAreNotTaken() {
        let text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\nHTTP/1.1"
        guard case .complete(_, let consumed) = scan(text, pieces: 1000, expected: ExpectedAnswer()) else {
            Issue.record("not complete")
            return
        }
        #expect(consumed == text.utf8.count - 8)
    }

    @Test(arguments: [
        "\r\n", "x\r\n", "1 \n", "1\r\nab", "1\r\na\n", ";a\r\n", "0\r\n\n", "0\r\nA: b\n", "1234567890123\r\n",
    ])
    func whatAreNoChunksIsRefused(text: String) {
        for size in [1, 7, 1000] {
            let whole = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(text)"
            guard case .malformed = scan(whole, pieces: size, expected: ExpectedAnswer()) else {
                Issue.record("taken in pieces of \(size)")
                continue
            }
        }
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\rc\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\nContent-Length: 0\r\n\r\n", "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nfield\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n",
    ])
    func aStrictReaderRefuses(text: String) {
        for size in [1, 7, 1000] {
            guard case .malformed = scan(text, pieces: size, expected: ExpectedAnswer()) else {
                Issue.record("taken in pieces of \(size)")
                continue
            }
        }
    }

    @Test(arguments: [
        (ECONNREFUSED, Outcome.refused), (ENOENT, .refused), (ECONNRESET, .reset), (ETIMEDOUT, .timedOut),
        (EADDRNOTAVAIL, .clientError), (EMFILE, .clientError), (ENFILE, .clientError),
    ])
    func theErrorOfAConnectSaysWhoIsAtFault(code: CInt, outcome: Outcome) {
        let error = IOError(errnoCode: code, reason: "connect")
        #expect(ConnectFault.outcome(of: error) == outcome)
        #expect(code != EADDRNOTAVAIL || ConnectFault.text(of: error).contains("no source port left"))
        #expect(code != EMFILE || ConnectFault.text(of: error).contains("RLIMIT_NOFILE"))
    }

    @Test func aCellHoldsTheValuesNextToEachOther() {
        var last = -1
        for value in (0..<5000 as Range<UInt64>) {
            let cell = CoarseHistogram.cell(of: value)
            #expect(cell == last || cell == last + 1)
            #expect(CoarseHistogram.upperBound(of: cell) >= value)
            #expect(Double(CoarseHistogram.upperBound(of: cell)) <= Double(value) * 1.0625 + 1)
            last = cell
        }
    }

    @Test func timelinesOfDifferentStartsAddUp() {
        var early = Timeline()
        early.recordAnswer(at: 1_000_000_000, microseconds: 100)
        var late = Timeline()
        late.recordAnswer(at: 1_350_000_000, microseconds: 300)
        late.recordFailure(at: 1_010_000_000)
        for (first, second) in [(early, late), (late, early)] {
            var sum = first
            sum.add(second)
            #expect(sum.steps.map(\.completed) == [1, 0, 0, 1])
            #expect(sum.steps.map(\.failed) == [1, 0, 0, 0])
            #expect(sum.steps.last?.slowest == .microseconds(300))
            #expect(sum.steps.first?.startNanoseconds == 1_000_000_000)
        }
    }

    @Test func mergedReportsCountExamplesFromTheEarlierStart() {
        var early = LoadReport(label: "a", startNanoseconds: 1_000_000_000)
        var late = LoadReport(label: "b", startNanoseconds: 3_000_000_000)
        early.recordFailure(.reset, at: 1_500_000_000) { "first" }
        late.recordFailure(.closed, at: 3_500_000_000) { "second" }
        late.recordAnswer(sentAt: 3_000_000_000, now: 3_100_000_000, slowerThan: nil)
        for (first, second) in [(early, late), (late, early)] {
            var sum = first
            sum.merge(second)
            #expect(sum.examples.map(\.offset) == [.milliseconds(500), .milliseconds(2500)])
            #expect(sum.slowest == .milliseconds(100))
            #expect(sum.slowestOffset == .milliseconds(2100))
            #expect(sum.count(.reset) == 1 && sum.count(.closed) == 1 && sum.count(.ok) == 1)
        }
    }
}
