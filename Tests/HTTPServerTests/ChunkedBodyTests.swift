import HTTPTypes
import Testing

@testable import HTTPServer

@Suite("A chunked body (RFC 9112 section 7.1)")
struct ChunkedBodyTests {
    private static let headText = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    private static let next = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n"

    private static func body(_ text: String, limits: RequestLimits = RequestLimits()) -> Parsed {
        parse(headText + text, limits: limits)
    }

    @Test(
        "is followed to its end, and not an octet further",
        arguments: [
            "0\r\n\r\n", "000\r\n\r\n", "1\r\nx\r\n0\r\n\r\n", "A\r\n0123456789\r\n0\r\n\r\n",
            "a\r\n0123456789\r\n0\r\n\r\n",
            "000a\r\n0123456789\r\n00\r\n\r\n", "5\r\n0\r\n\r\n\r\n0\r\n\r\n", "1\r\nx\r\n1\r\ny\r\n0\r\n\r\n",
            // Extensions (section 7.1.1): names, tokens, quoted strings, bad white space.
            "1;a\r\nx\r\n0\r\n\r\n", "1;a=b\r\nx\r\n0;c\r\n\r\n", "1 ; a = b\r\nx\r\n0\r\n\r\n",
            "1;a;b=c;d\r\nx\r\n0\r\n\r\n",
            "1;a=\"b\"\r\nx\r\n0\r\n\r\n", "1;a=\"\"\r\nx\r\n0\r\n\r\n", "1;a=\";\\\"\\\\ \t\";b\r\nx\r\n0\r\n\r\n",
            "1;a=\"b\" ;c\r\nx\r\n0\r\n\r\n", "1\t;a\r\nx\r\n0\r\n\r\n", "1;a \r\nx\r\n0\r\n\r\n",
            "1;a=b \r\nx\r\n0\r\n\r\n",
            // Trailers (section 7.1.2).
            "0\r\nA: b\r\n\r\n", "0\r\nA: b\r\nC:\r\n\r\n", "1\r\nx\r\n0;e\r\nA: b\r\n\r\n",
        ]
    )
    func good(text: String) {
        let parsed = Self.body(text + Self.next)
        #expect(parsed.refusal == nil)
        #expect(parsed.requests == 2)
        #expect(parsed.unread == 0)
    }

    @Test(
        "is refused where it is malformed",
        arguments: [
            ("\r\n", .chunkMalformed), ("g\r\n", .chunkMalformed), (" 1\r\n", .chunkMalformed),
            ("-1\r\n", .chunkMalformed),
            ("+1\r\n", .chunkMalformed), ("0x1\r\n", .chunkMalformed), ("1,\r\n", .chunkMalformed),
            (";a\r\n", .chunkMalformed),
            ("1 \r\nx\r\n", .chunkMalformed), ("1 1\r\n", .chunkMalformed), ("1\u{0}\r\n", .chunkMalformed),
            ("1\u{b}\r\n", .chunkMalformed), ("\u{661}\r\n", .chunkMalformed),
            // A bare LF or CR is no line ending.
            ("1\nx\r\n0\r\n\r\n", .lineEndingInvalid), ("1\rx", .lineEndingInvalid), ("1\r\r\n", .lineEndingInvalid),
            ("0\n\n", .lineEndingInvalid), ("1;a\nx", .lineEndingInvalid), ("1;a=b\nx", .lineEndingInvalid),
            ("1;a\"\n", .chunkMalformed), ("1;\n", .chunkMalformed), ("1;a=\n", .chunkMalformed),
            // Data that is longer or shorter than its size.
            ("1\r\nxy\r\n0\r\n\r\n", .chunkMalformed), ("2\r\nx\r\n0\r\n\r\n", .chunkMalformed),
            ("1\r\nx\n0\r\n\r\n", .chunkMalformed), ("1\r\nx0\r\n\r\n", .chunkMalformed),
            ("1\r\nx\r0", .chunkMalformed),
            // Extensions.
            ("1;\r\n", .chunkMalformed), ("1;=b\r\n", .chunkMalformed), ("1;a=\r\n", .chunkMalformed),
            ("1;a b\r\n", .chunkMalformed), ("1;a=b c\r\n", .chunkMalformed), ("1;a=\"b\"c\r\n", .chunkMalformed),
            ("1;a=\"b\r\n\"\r\n", .chunkMalformed), ("1;a=\"\\\r\n", .chunkMalformed),
            ("1;a=b\"c\"\r\n", .chunkMalformed),
            ("1;a=(\r\n", .chunkMalformed), ("1;;a\r\n", .chunkMalformed), ("1;a=\"\u{1}\"\r\n", .chunkMalformed),
            ("1;\u{e9}\r\n", .chunkMalformed), ("1;a\rb", .lineEndingInvalid),
            // Trailers are fields.
            ("0\r\nA : b\r\n\r\n", .fieldNameInvalid), ("0\r\n A: b\r\n\r\n", .fieldFolded),
            ("0\r\nA\r\n\r\n", .fieldNameInvalid),
            ("0\r\nA: \u{0}\r\n\r\n", .fieldValueInvalid), ("0\r\nA: b\n\r\n", .lineEndingInvalid),
            ("0\r\n\n", .lineEndingInvalid), ("0\r\nA: b\rc", .lineEndingInvalid),
        ] as [(String, Refusal)]
    )
    func malformed(text: String, expected: Refusal) {
        let parsed = Self.body(text + Self.next)
        #expect(parsed.refusal == expected)
        #expect(parsed.requests == 0)
        #expect(expected.status == 400)
    }

    @Test("a size beyond the body's limit is refused at once, however large, and never overflows")
    func hugeSizes() {
        for size in [
            "10001", "fffffff", "7fffffffffffffff", "8000000000000000", "ffffffffffffffff", "10000000000000000",
        ] {
            #expect(Self.body(size + "\r\n").refusal == .bodyTooLarge, "\(size)")
        }
        #expect(Self.body(String(repeating: "f", count: 500)).refusal == .bodyTooLarge)
        #expect(Self.body("9\r\n", limits: RequestLimits(body: 8)).refusal == .bodyTooLarge)
    }

    @Test("the body's limit counts all chunks, exactly")
    func bodyLimit() {
        let limits = RequestLimits(body: 20)
        let ten = "a\r\n0123456789\r\n"
        #expect(Self.body(ten + ten + "0\r\n\r\n", limits: limits).requests == 1)
        #expect(Self.body(ten + ten + "1\r\n", limits: limits).refusal == .bodyTooLarge)
        #expect(Self.body("14\r\n" + String(repeating: "x", count: 20) + "\r\n0\r\n\r\n", limits: limits).requests == 1)
        #expect(Self.body("15\r\n", limits: limits).refusal == .bodyTooLarge)
    }

    @Test("zeros before a size and extensions behind it are bounded")
    func sizeLinesAreBounded() {
        #expect(Self.body(String(repeating: "0", count: 1000) + "\r\n\r\n").requests == 1)
        #expect(Self.body(String(repeating: "0", count: 1100)).refusal == .chunkExtensionTooLong)
        #expect(Self.body("1;a=" + String(repeating: "b", count: 1100)).refusal == .chunkExtensionTooLong)
        #expect(Self.body("1;a=\"" + String(repeating: "b", count: 1100)).refusal == .chunkExtensionTooLong)
        #expect(Self.body("1;" + String(repeating: " ", count: 1100)).refusal == .chunkExtensionTooLong)
        // Many small extensions add up.
        let chunk = "1;" + String(repeating: "a", count: 100) + "\r\nx\r\n"
        #expect(Self.body(String(repeating: chunk, count: 50)).refusal == .chunkExtensionTooLong)
    }

    @Test("a whole body in chunks of one octet is within the bounds")
    func smallChunks() {
        let text = String(repeating: "1\r\nx\r\n", count: 65536)
        #expect(Self.body(text + "0\r\n\r\n").requests == 1)
        #expect(Self.body(text + "1\r\n").refusal == .bodyTooLarge)
    }

    @Test("a trailer section has the limits of a header section, exactly")
    func trailerLimits() {
        let limits = RequestLimits(headerSection: 40, headerFields: 3)
        // The last chunk's line apart, 40 octets with the empty line.
        let fits = "0\r\nA: " + String(repeating: "b", count: 33) + "\r\n\r\n"
        #expect(
            parse("POST / HTTP/1.1\r\nHost:a\r\nTransfer-Encoding:chunked\r\n\r\n" + fits, limits: limits).requests == 1
        )
        let tooLong = "0\r\nA: " + String(repeating: "b", count: 34) + "\r\n\r\n"
        #expect(
            parse("POST / HTTP/1.1\r\nHost:a\r\nTransfer-Encoding:chunked\r\n\r\n" + tooLong, limits: limits).refusal
                == .trailerTooLarge
        )
        let head = "POST / HTTP/1.1\r\nHost:a\r\nTransfer-Encoding:chunked\r\n\r\n0\r\n"
        #expect(parse(head + "A:b\r\nA:b\r\nA:b\r\n\r\n", limits: limits).requests == 1)
        #expect(parse(head + "A:b\r\nA:b\r\nA:b\r\nA:b\r\n\r\n", limits: limits).refusal == .trailerTooLarge)
        #expect(Refusal.trailerTooLarge.status == 431)
    }
}
