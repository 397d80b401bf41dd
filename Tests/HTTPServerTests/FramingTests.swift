import HTTPTypes
import Testing

@testable import HTTPServer

@Suite("Where a body ends (RFC 9112 section 6)")
struct FramingTests {
    @Test(
        "Content-Length and Transfer-Encoding in every combination",
        arguments: [
            ([], nil), (["Content-Length: 0"], nil), (["Content-Length: 00"], nil),
            // RFC 9110 section 8.6: 1*DIGIT, once.
            (["Content-Length:"], .contentLengthInvalid), (["Content-Length: +1"], .contentLengthInvalid),
            (["Content-Length: -1"], .contentLengthInvalid), (["Content-Length: 1a"], .contentLengthInvalid),
            (["Content-Length: 0x1"], .contentLengthInvalid), (["Content-Length: 1 1"], .contentLengthInvalid),
            (["Content-Length: 1.0"], .contentLengthInvalid), (["Content-Length: 1,1"], .contentLengthInvalid),
            (["Content-Length: 1, 2"], .contentLengthInvalid), (["Content-Length: \u{661}"], .contentLengthInvalid),
            (["Content-Length: 1", "Content-Length: 1"], .contentLengthRepeated),
            (["Content-Length: 1", "content-length: 2"], .contentLengthRepeated),
            (["Content-Length: 0", "Content-Length: 0"], .contentLengthRepeated),
            (["Content-Length: 9223372036854775808"], .bodyTooLarge), (["Content-Length: 65537"], .bodyTooLarge),
            (["Content-Length: 18446744073709551617"], .bodyTooLarge),
            (["Content-Length: \(String(repeating: "9", count: 1000))"], .bodyTooLarge),
            // Section 6.1: both together is how requests are smuggled.
            (["Content-Length: 1", "Transfer-Encoding: chunked"], .contentLengthWithTransferEncoding),
            (["Transfer-Encoding: chunked", "Content-Length: 0"], .contentLengthWithTransferEncoding),
            (["Transfer-Encoding: gzip", "Content-Length: 1"], .contentLengthWithTransferEncoding),
            (["Transfer-Encoding:", "Content-Length: 1"], .contentLengthWithTransferEncoding),
            // Section 6.3: chunked must be the last coding, once; another coding is not implemented.
            (["Transfer-Encoding:"], .transferEncodingInvalid), (["Transfer-Encoding: \t"], .transferEncodingInvalid),
            (["Transfer-Encoding: ,"], .transferEncodingInvalid),
            (["Transfer-Encoding: chunked,"], .transferEncodingInvalid),
            (["Transfer-Encoding: chunked, chunked"], .transferEncodingInvalid),
            (["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], .transferEncodingInvalid),
            (["Transfer-Encoding: chunked, gzip"], .transferEncodingInvalid),
            (["Transfer-Encoding: chunked", "Transfer-Encoding: gzip"], .transferEncodingInvalid),
            (["Transfer-Encoding: chunked", "Transfer-Encoding:"], .transferEncodingInvalid),
            (["Transfer-Encoding: chunked;a=b"], .transferEncodingInvalid),
            (["Transfer-Encoding: \"chunked\""], .transferEncodingInvalid),
            (["Transfer-Encoding: chunked\u{b}"], .fieldValueInvalid),
            (["Transfer-Encoding: gzip chunked"], .transferEncodingInvalid),
            (["Transfer-Encoding: gzip"], .transferEncodingUnsupported),
            (["Transfer-Encoding: identity"], .transferEncodingUnsupported),
            (["Transfer-Encoding: gzip, chunked"], .transferEncodingUnsupported),
            (["Transfer-Encoding: gzip;q=1, chunked"], .transferEncodingUnsupported),
            (["Transfer-Encoding: gzip", "Transfer-Encoding: chunked"], .transferEncodingUnsupported),
            (["Transfer-Encoding: xchunked"], .transferEncodingUnsupported),
            (["Transfer-Encoding: chunkedx"], .transferEncodingUnsupported),
        ] as [([String], Refusal?)]
    )
    func combinations(lines: [String], expected: Refusal?) {
        let text = "POST / HTTP/1.1\r\nHost: a\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n"
        // What stands behind a lost frame is never looked at.
        let smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
        let parsed = parse(text + smuggled)
        #expect(parsed.refusal == expected)
        #expect(parsed.requests == (expected == nil ? 2 : 0))
    }

    @Test("each refusal has the status that the RFC asks for")
    func statuses() {
        #expect(Refusal.contentLengthInvalid.status == 400)
        #expect(Refusal.contentLengthRepeated.status == 400)
        #expect(Refusal.contentLengthWithTransferEncoding.status == 400)
        #expect(Refusal.transferEncodingInvalid.status == 400)
        #expect(Refusal.transferEncodingWithHTTP10.status == 400)
        #expect(Refusal.transferEncodingUnsupported.status == 501)
        #expect(Refusal.bodyTooLarge.status == 413)
    }

    @Test("`chunked` is taken in any case and with white space round it")
    func chunkedSpellings() {
        for spelling in ["chunked", "Chunked", "CHUNKED", "chunked\t", " \tchunked "] {
            #expect(semantics(fields: "Transfer-Encoding:\(spelling)")?.body == .chunked, "\(shown(spelling))")
        }
    }

    @Test("HTTP/1.0 knows no Transfer-Encoding (section 6.1), and no Expect")
    func http10() {
        for coding in ["chunked", "gzip", ""] {
            let text = "POST / HTTP/1.0\r\nTransfer-Encoding: \(coding)\r\n\r\n0\r\n\r\n"
            #expect(parse(text).refusal == .transferEncodingWithHTTP10)
        }
        #expect(semantics(fields: "Content-Length: 5", version: "HTTP/1.0")?.body == .length(5))
        let expecting = semantics(fields: "Content-Length: 5", "Expect: 100-continue", version: "HTTP/1.0")
        #expect(expecting?.expectsContinue == false)
        #expect(semantics(fields: "Expect: other", version: "HTTP/1.0") != nil)
    }

    @Test("a body has the length that was said, and not an octet more is taken")
    func lengths() {
        let next = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        for count in [1, 5, 65536] {
            let body = String(repeating: "x", count: count)
            let parsed = parse("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(count)\r\n\r\n" + body + next)
            #expect(parsed.requests == 2)
            #expect(parsed.unread == 0)
        }
        let incomplete = parse("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nxxxx")
        #expect(incomplete.requests == 0)
        #expect(incomplete.refusal == nil)
    }

    @Test(
        "100-continue is awaited only where there is a body; another expectation brings 417 (RFC 9110 section 10.1.1)"
    )
    func expectations() {
        #expect(semantics(fields: "Expect: 100-continue", "Content-Length: 1")?.expectsContinue == true)
        #expect(semantics(fields: "Expect: 100-CONTINUE", "Transfer-Encoding: chunked")?.expectsContinue == true)
        #expect(semantics(fields: "Expect: 100-continue\t", "Content-Length: 1")?.expectsContinue == true)
        #expect(semantics(fields: "Expect: 100-continue", "Content-Length: 0")?.expectsContinue == false)
        #expect(semantics(fields: "Expect: 100-continue")?.expectsContinue == false)
        #expect(semantics(fields: "Content-Length: 1")?.expectsContinue == false)
        for other in ["200-ok", "100-continue=1", "100-continue, x", "100-continue;q=1"] {
            #expect(refusal(fields: "Expect: \(other)") == .expectationUnknown, "\(other)")
        }
        #expect(refusal(fields: "Expect: 100-continue", "Expect: x") == .expectationUnknown)
        #expect(Refusal.expectationUnknown.status == 417)
    }

    @Test("a body that is too large is refused before it comes, and before 100 Continue")
    func tooLargeIsToldEarly() {
        #expect(refusal(fields: "Content-Length: 65537", "Expect: 100-continue") == .bodyTooLarge)
    }
}
