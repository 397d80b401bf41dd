import NIOCore
import Testing

@testable import HTTPServer

@Suite("However a request is cut into pieces")
struct SplitTests {
    private static let small = RequestLimits(
        requestLine: Corpus.smallLimits.requestLine,
        headerSection: Corpus.smallLimits.headerSection,
        headerFields: Corpus.smallLimits.headerFields,
        body: Corpus.smallLimits.body
    )

    private static func check(_ text: String, _ limits: RequestLimits) {
        let octets = Array(text.utf8)
        let whole = parse(octets, limits: limits)
        let single = parse(pieces: octets.indices.map { octets[$0...$0] }, limits: limits)
        #expect(single.seen == whole.seen, "octet by octet: \(shown(text))")
        for cut in octets.indices {
            let parsed = parse(pieces: [octets[..<cut], octets[cut...]], limits: limits)
            #expect(parsed.seen == whole.seen, "cut at \(cut): \(shown(text))")
            if whole.refusal == nil { #expect(parsed.unread == whole.unread) }
        }
    }

    @Test("a good request gives the same steps", arguments: Corpus.good)
    func good(text: String) {
        #expect(parse(text).requests >= 1)
        Self.check(text, RequestLimits())
    }

    @Test("a bad request gives the same refusal", arguments: Corpus.bad)
    func bad(text: String) {
        #expect(parse(text).refusal != nil)
        Self.check(text, RequestLimits())
    }

    @Test("a request over a limit gives the same refusal", arguments: Corpus.overLimits)
    func overLimits(text: String) {
        #expect(parse(text, limits: Self.small).refusal != nil)
        Self.check(text, Self.small)
    }

    @Test("cuts at two places give the same steps", arguments: Corpus.good.prefix(4) + Corpus.good.suffix(4))
    func twoCuts(text: String) async {
        let octets = Array(text.utf8)
        let whole = parse(octets)
        for first in octets.indices {
            for second in first..<octets.endIndex
            where parse(pieces: [octets[..<first], octets[first..<second], octets[second...]]) != whole {
                Issue.record("cut at \(first) and \(second): \(shown(text))")
            }
            // It is long, and others wait for this thread.
            await Task.yield()
        }
    }

    @Test("nothing behind a request is consumed with it", arguments: Corpus.good)
    func consumesItsOwnOnly(text: String) throws {
        let octets = Array(text.utf8)
        // The shortest beginning that is a whole request.
        let end = try #require(octets.indices.first { parse(Array(octets[...$0])).requests == 1 })
        for tail in ["\u{0}\u{1}garbage", "\n", "\r", "GET "] {
            var parser = RequestParser(limits: RequestLimits())
            var buffer = ByteBuffer(bytes: octets[...end])
            buffer.writeString(tail)
            steps: while true {
                switch try parser.next(&buffer) {
                case .end: break steps
                case .head: continue
                case .needsMore:
                    Issue.record("not whole")
                    return
                }
            }
            #expect(buffer.readableBytes == tail.utf8.count)
            #expect(parser.isBetweenRequests)
        }
    }

    @Test("after a refusal nothing more is ever given", arguments: Corpus.bad)
    func refusalIsFinal(text: String) throws {
        var parser = RequestParser(limits: RequestLimits())
        var buffer = ByteBuffer(string: text)
        let refusal = try #require(throws: Refusal.self) {
            while true { _ = try parser.next(&buffer) }
        }
        for _ in 0..<3 {
            var more = ByteBuffer(string: "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(throws: refusal) { try parser.next(&more) }
            #expect(more.readableBytes == 27)
            #expect(!parser.isBetweenRequests)
        }
    }
}
