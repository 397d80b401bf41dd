import HTTPTypes
import Testing

@testable import HTTPServer

@Suite("Limits, exactly at each and one past it")
struct LimitTests {
    private static func line(octets: Int) -> String {
        let frame = "GET / HTTP/1.1"
        return "GET /" + String(repeating: "a", count: octets - frame.utf8.count) + " HTTP/1.1"
    }

    @Test("a request line of 8 KiB is taken; one more octet brings 414, as soon as it is seen")
    func requestLine() {
        let rest = "\r\nHost: a\r\n\r\n"
        #expect(parse(Self.line(octets: 8192) + rest).requests == 1)
        #expect(parse(Self.line(octets: 8193) + rest).refusal == .requestLineTooLong)
        #expect(parse(String(repeating: "A", count: 8194)).refusal == .requestLineTooLong)
        #expect(parse(String(repeating: "A", count: 8192)).refusal == nil)
        #expect(Refusal.requestLineTooLong.status == 414)
    }

    /// The header section's octets with line endings, the empty line included.
    private static func section(octets: Int) -> String {
        let frame = "Host: a\r\nA: \r\n\r\n"
        return "Host: a\r\nA: " + String(repeating: "b", count: octets - frame.utf8.count) + "\r\n\r\n"
    }

    @Test("a header section of 32 KiB is taken; one more octet brings 431, as soon as it is seen")
    func headerSection() {
        #expect(parse("GET / HTTP/1.1\r\n" + Self.section(octets: 32768)).requests == 1)
        #expect(parse("GET / HTTP/1.1\r\n" + Self.section(octets: 32769)).refusal == .headerSectionTooLarge)
        #expect(parse("GET / HTTP/1.1\r\nA: " + String(repeating: "b", count: 32766)).refusal == .headerSectionTooLarge)
        #expect(Refusal.headerSectionTooLarge.status == 431)
    }

    @Test("100 fields are taken; one more brings 431")
    func fieldCount() {
        func request(_ count: Int) -> String {
            "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "A: b\r\n", count: count - 1) + "\r\n"
        }
        #expect(parse(request(100)).requests == 1)
        #expect(parse(request(101)).refusal == .fieldsTooMany)
        #expect(Refusal.fieldsTooMany.status == 431)
    }

    @Test("a body of 64 KiB is taken; one more octet brings 413 before any of it is read")
    func body() {
        func head(_ length: Int) -> String { "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\n" }
        #expect(parse(head(65536) + String(repeating: "x", count: 65536)).requests == 1)
        #expect(parse(head(65537)).refusal == .bodyTooLarge)
    }

    @Test("a body's limit of zero takes requests without content only")
    func noBody() {
        let limits = RequestLimits(body: 0)
        #expect(parse("GET / HTTP/1.1\r\nHost: a\r\n\r\n", limits: limits).requests == 1)
        #expect(
            parse("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n", limits: limits).refusal == .bodyTooLarge
        )
        let chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        #expect(parse(chunked + "0\r\n\r\n", limits: limits).requests == 1)
        #expect(parse(chunked + "1\r\n", limits: limits).refusal == .bodyTooLarge)
    }

    @Test("a limit counts each request anew")
    func eachRequestAnew() {
        let request = Self.line(octets: 8192) + "\r\n" + Self.section(octets: 32768)
        #expect(parse(request + request + request).requests == 3)
    }
}
