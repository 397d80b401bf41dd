import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import HTTPServer

@Suite("Beside NIO's decoder")
struct DifferentialTests {
    /// Methods, targets and lengths of the requests in a text.
    private struct Reading: Equatable {
        var requests: [String] = []
        var failed = false
    }

    private static func ours(_ text: String) -> Reading {
        let parsed = parse(text)
        var reading = Reading(failed: parsed.refusal != nil)
        for case .head(let head) in parsed.seen {
            reading.requests.append(head.split(separator: " ").prefix(2).joined(separator: " "))
        }
        if parsed.requests < reading.requests.count { reading.requests.removeLast() }
        return reading
    }

    private static func theirs(_ text: String) -> Reading {
        var reading = Reading()
        let channel = EmbeddedChannel()
        do {
            try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
            try channel.writeInbound(ByteBuffer(string: text))
        } catch {
            reading.failed = true
        }
        var current = ""
        while let part = try? channel.readInbound(as: HTTPServerRequestPart.self) {
            switch part {
            case .head(let head): current = "\(head.method.rawValue) \(head.uri)"
            case .body: break
            case .end: reading.requests.append(current)
            }
        }
        _ = try? channel.finish()
        return reading
    }

    @Test("what we take NIO takes too, and finds the same requests in it", arguments: Corpus.good)
    func accepted(text: String) {
        let ours = Self.ours(text)
        #expect(!ours.failed)
        // NIO's decoder ends where a request ends the connection; we leave that to the connection.
        let ends = text.contains("close") || text.contains("HTTP/1.0\r\n\r\n")
        let theirs = Self.theirs(text)
        if ends {
            #expect(theirs.requests.first == ours.requests.first)
        } else {
            #expect(ours == theirs)
        }
    }

    /// What NIO takes and we do not, with the reason.
    private static let stricter: [(text: String, reason: String)] = [
        ("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 needs a Host (RFC 9112 section 3.2)"),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "and only one"),
        ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "which must be an authority"),
        ("GET /# HTTP/1.1\r\nHost: a\r\n\r\n", "a target has no fragment"),
        ("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", "and no broken percent-escape"),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n",
            "an expectation that cannot be met is told (RFC 9110 section 10.1.1)"
        ),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999\r\n\r\n", "a limit of ours"),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            "a coding that we do not decode"
        ),
    ]

    @Test("where we are stricter there is a reason", arguments: stricter)
    func stricterThanNIO(text: String, reason: String) {
        #expect(Self.ours(text).failed, "\(reason)")
        #expect(!Self.theirs(text).failed, "NIO has become as strict: \(reason)")
    }

    @Test("we know methods that NIO's parser calls a syntax error")
    func methods() {
        let unknown = KnownMethods.registry.filter { Self.theirs("\($0) / HTTP/1.1\r\nHost: a\r\n\r\n").failed }
        #expect(unknown.contains("UPDATE"))
        #expect(!unknown.contains("GET"))
    }
}
