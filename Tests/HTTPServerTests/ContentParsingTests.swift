import NIOCore
import Testing

@testable import HTTPServer

/// The content of each request that octets bring in pieces; those whose target `isGathered` are gathered.
private func contents(
    _ pieces: [ArraySlice<UInt8>],
    isGathered: (String) -> Bool = { _ in true }
) throws -> [String: [UInt8]] {
    var parser = RequestParser(limits: RequestLimits())
    var buffer = ByteBuffer()
    var (target, contents) = ("", [String: [UInt8]]())
    for piece in pieces {
        buffer.writeBytes(piece)
        steps: while true {
            switch try parser.next(&buffer) {
            case .needsMore:
                break steps
            case .head(let head):
                target = head.target
                #expect(parser.content == nil)
                if isGathered(target) { parser.gatherContent() }
            case .end:
                #expect((parser.content != nil) == isGathered(target))
                contents[target] = parser.takeContent()
            }
        }
    }
    return contents
}

@Suite("The content of a request")
struct ContentParsingTests {
    private static let fixed = "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234\r\n789"
    private static let chunked =
        "POST /1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "5;a=\"b\\\"c\"\r\n01234\r\n005\r\n\r\n789\r\n0\r\nT: x\r\n\r\n"
    /// What follows it has none, and content of its own.
    private static let behind = get("/2") + post("/3", "three")

    @Test("is gathered as it was sent, wherever it is cut, and no octet of what follows", arguments: [fixed, chunked])
    func cut(text: String) throws {
        let octets = Array((text + Self.behind).utf8)
        let expected = ["/1": Array("01234\r\n789".utf8), "/2": [], "/3": Array("three".utf8)]
        #expect(try contents([octets[...]]) == expected)
        #expect(try contents(octets.indices.map { octets[$0...$0] }) == expected)
        for cut in octets.indices { #expect(try contents([octets[..<cut], octets[cut...]]) == expected, "at \(cut)") }
    }

    @Test("is gathered of those requests only of which it is asked", arguments: [fixed, chunked])
    func notAsked(text: String) throws {
        let octets = Array((text + Self.behind + text.replacing("/1 ", with: "/4 ")).utf8)
        let pieces = octets.indices.map { octets[$0...$0] }
        let all = try contents(pieces) { $0 == "/3" }
        #expect(all == ["/1": [], "/2": [], "/3": Array("three".utf8), "/4": []])
    }

    @Test("takes memory as it comes, whatever is announced")
    func announced() throws {
        var parser = RequestParser(limits: RequestLimits(body: 1 << 30))
        var buffer = ByteBuffer(string: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n")
        guard case .head = try parser.next(&buffer) else { throw Unexpected("no head") }
        parser.gatherContent()
        buffer.writeString("hello")
        guard case .needsMore = try parser.next(&buffer) else { throw Unexpected("an end") }
        let content = try #require(parser.content)
        #expect(content == Array("hello".utf8) && content.capacity < 1024)
    }

    @Test("goes on in another parser from where it was", arguments: [fixed, chunked])
    func takenUp(text: String) throws {
        let octets = Array(text.utf8)
        let headLength = try #require(octets.firstRange(of: Array("\r\n\r\n".utf8))).upperBound
        for isGathered in [true, false] {
            for cut in headLength..<octets.count {
                var parser = RequestParser(limits: RequestLimits())
                var buffer = ByteBuffer(bytes: octets[..<cut])
                guard case .head(let head) = try parser.next(&buffer) else { throw Unexpected("no head") }
                if isGathered { parser.gatherContent() }
                guard case .needsMore = try parser.next(&buffer) else { throw Unexpected("an end") }
                let taken = RequestParser.takingUp(
                    head.octets,
                    parser.bodyProgress,
                    content: parser.content,
                    limits: RequestLimits()
                )
                var other = try #require(taken).parser
                buffer.writeBytes(octets[cut...])
                guard case .end = try other.next(&buffer) else { throw Unexpected("no end") }
                #expect(other.takeContent() == (isGathered ? Array("01234\r\n789".utf8) : []), "at \(cut)")
            }
        }
    }
}
