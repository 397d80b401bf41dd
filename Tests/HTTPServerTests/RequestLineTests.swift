import HTTPTypes
import Testing

@testable import HTTPServer

@Suite("A request line (RFC 9112 section 3)")
struct RequestLineTests {
    private static func first(_ line: String) -> Parsed { parse(line + "\r\nHost: a\r\n\r\n") }

    @Test(
        "a target is taken in each form that its method allows (RFC 9112 section 3.2)",
        arguments: [
            // origin-form
            ("GET / HTTP/1.1", "/", nil),
            ("GET /a/b HTTP/1.1", "/a/b", nil),
            ("GET /a?b=c HTTP/1.1", "/a", "b=c"),
            ("GET /? HTTP/1.1", "/", ""),
            ("GET /a?b?c HTTP/1.1", "/a", "b?c"),
            ("GET /%41%2f HTTP/1.1", "/%41%2f", nil),
            ("GET //a HTTP/1.1", "//a", nil),
            ("GET /-._~!$&'()*+,;=:@ HTTP/1.1", "/-._~!$&'()*+,;=:@", nil),
            // absolute-form; an empty path is "/" (RFC 9110 section 4.2.3)
            ("GET http://a/b HTTP/1.1", "/b", nil),
            ("GET http://a HTTP/1.1", "/", nil),
            ("GET http://a?b HTTP/1.1", "/", "b"),
            ("GET HTTP://a:80/ HTTP/1.1", "/", nil),
            ("GET http://[::1]:8443/b HTTP/1.1", "/b", nil),
            ("OPTIONS http://a/ HTTP/1.1", "/", nil),
            // authority-form
            ("CONNECT a:443 HTTP/1.1", "a:443", nil),
            ("CONNECT [::1]:443 HTTP/1.1", "[::1]:443", nil),
            // asterisk-form
            ("OPTIONS * HTTP/1.1", "*", nil),
        ] as [(String, String, String?)]
    )
    func takesTargets(line: String, path: String, query: String?) throws {
        let head = try #require(parsedHead(line + "\r\nHost: a\r\n\r\n"))
        #expect(head.path == path)
        #expect(head.query == query)
        #expect(head.target == line.split(separator: " ")[1])
    }

    @Test("OPTIONS asks about the server with `*`, and with an absolute target that has no path (section 3.2.4)")
    func optionsForServer() throws {
        for line in ["OPTIONS * HTTP/1.1", "OPTIONS http://a HTTP/1.1", "OPTIONS http://a:80 HTTP/1.1"] {
            #expect(try #require(parsedHead(line + "\r\nHost: a\r\n\r\n")).isForServer, "\(line)")
        }
        for line in ["OPTIONS / HTTP/1.1", "OPTIONS http://a/ HTTP/1.1", "OPTIONS http://a? HTTP/1.1"] {
            #expect(try !#require(parsedHead(line + "\r\nHost: a\r\n\r\n")).isForServer, "\(line)")
        }
    }

    @Test(
        "a target that is none is refused with 400",
        arguments: [
            "GET /a#b HTTP/1.1", "GET /# HTTP/1.1", "GET http://a/#b HTTP/1.1",
            "GET /% HTTP/1.1", "GET /%4 HTTP/1.1", "GET /%4g HTTP/1.1", "GET /?a=%zz HTTP/1.1", "GET /%%41 HTTP/1.1",
            "GET /ä HTTP/1.1", "GET /a b HTTP/1.1", "GET /\u{7f} HTTP/1.1", "GET /\u{1} HTTP/1.1", "GET /\0 HTTP/1.1",
            "GET /a\tb HTTP/1.1", "GET /\"a\" HTTP/1.1", "GET /<a> HTTP/1.1", "GET /a\\b HTTP/1.1", "GET /{a} HTTP/1.1",
            "GET /a|b HTTP/1.1", "GET /[a] HTTP/1.1", "GET /^ HTTP/1.1", "GET /` HTTP/1.1",
            "GET a HTTP/1.1", "GET ?a HTTP/1.1", "GET a:80 HTTP/1.1", "GET * HTTP/1.1", "OPTIONS ** HTTP/1.1",
            "GET http:// HTTP/1.1", "GET http:///a HTTP/1.1", "GET https:// HTTP/1.1", "GET ftp://a/ HTTP/1.1",
            "GET http:/a HTTP/1.1", "GET http://u@a/ HTTP/1.1", "GET http://a:b/ HTTP/1.1",
            "GET http://a:65536/ HTTP/1.1",
            "GET http://[::1/ HTTP/1.1", "GET http://[]/ HTTP/1.1", "GET  / HTTP/1.1",
            "CONNECT / HTTP/1.1", "CONNECT a HTTP/1.1", "CONNECT a: HTTP/1.1", "CONNECT http://a:1/ HTTP/1.1",
            "CONNECT :1 HTTP/1.1", "CONNECT a:99999 HTTP/1.1", "CONNECT * HTTP/1.1",
        ]
    )
    func refusesTargets(line: String) {
        #expect(Self.first(line).seen == [.refused(.targetInvalid)])
        #expect(Refusal.targetInvalid.status == 400)
    }

    @Test(
        "the version decides, before anything that follows it (RFC 9112 section 2.3)",
        arguments: [
            ("HTTP/1.0", nil), ("HTTP/1.1", nil),
            // A higher minor version is spoken to as 1.1 (RFC 9110 section 2.5).
            ("HTTP/1.2", nil), ("HTTP/1.9", nil),
            ("HTTP/2.0", .versionUnsupported), ("HTTP/3.0", .versionUnsupported), ("HTTP/0.9", .versionUnsupported),
            ("HTTP/9.9", .versionUnsupported),
            ("RTSP/1.0", .versionMalformed), ("ICE/1.0", .versionMalformed), ("http/1.1", .versionMalformed),
            ("Http/1.1", .versionMalformed), ("HTTP/1", .versionMalformed), ("HTTP/2", .versionMalformed),
            ("HTTP/11", .versionMalformed), ("HTTP/1.", .versionMalformed), ("HTTP/.1", .versionMalformed),
            ("HTTP/1.10", .versionMalformed), ("HTTP/01.1", .versionMalformed), ("HTTP/1,1", .versionMalformed),
            ("HTTP/a.1", .versionMalformed), ("HTTP/1.a", .versionMalformed), ("HTTP 1.1", .versionMalformed),
            ("HTTP/1.1 ", .versionMalformed), ("HTTP/1.1\t", .versionMalformed), ("HTTP/1.1\r", .versionMalformed),
        ] as [(String, Refusal?)]
    )
    func versions(version: String, refusal: Refusal?) {
        #expect(Self.first("GET / \(version)").refusal == refusal)
        // Neither an unknown method nor a bad target hides it.
        if let refusal { #expect(Self.first("NOPE #\u{20}\(version)").refusal == refusal) }
    }

    @Test("an `https` target is misdirected, once the rest of the head is good (RFC 9110 section 7.4)")
    func misdirected() {
        for line in ["GET https://a/ HTTP/1.1", "OPTIONS https://a HTTP/1.1", "GET HTTPS://[::1]:443 HTTP/1.1"] {
            #expect(Self.first(line).seen == [.refused(.targetMisdirected)], "\(line)")
        }
        #expect(parse("GET https://a/ HTTP/1.1\r\n\r\n").refusal == .hostMissing)
        #expect(Refusal.targetMisdirected.status == 421)
    }

    @Test("HTTP/2's preface is refused with 505")
    func preface() {
        #expect(parse("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").refusal == .versionUnsupported)
        #expect(Refusal.versionUnsupported.status == 505)
        #expect(Refusal.versionMalformed.status == 400)
    }

    @Test("every method of IANA's registry is known, QUERY among them; each other token brings 501")
    func methods() {
        #expect(KnownMethods.registry.count == 39)
        for method in KnownMethods.registry {
            let target = method == "CONNECT" ? "a:1" : "/"
            #expect(Self.first("\(method) \(target) HTTP/1.1").requests == 1, "\(method)")
        }
        let unknown = [
            "get", "Get", "GETS", "GE", "NOPE", "PRI", "!#$%&'*+-.^_`|~09", String(repeating: "A", count: 8000),
        ]
        for method in unknown {
            #expect(Self.first("\(method) / HTTP/1.1").refusal == .methodUnknown, "\(shown(method))")
        }
        #expect(Refusal.methodUnknown.status == 501)
    }

    @Test(
        "what is no request line is refused with 400",
        arguments: [
            "GET", "GET ", "GET /", "GET / ", "GET  HTTP/1.1", "GE(T / HTTP/1.1", "G\u{e9}T / HTTP/1.1",
            "GET\t/\tHTTP/1.1",
            " GET / HTTP/1.1", "\tGET / HTTP/1.1", "\u{16}\u{3}\u{1}", ": GET / HTTP/1.1", "GET/ HTTP/1.1", "\0",
        ]
    )
    func malformed(line: String) throws {
        let refusal = try #require(Self.first(line).refusal)
        #expect(refusal.status == 400)
        #expect([.requestLineMalformed, .versionMalformed].contains(refusal))
    }

    @Test("a client that speaks TLS is told at its first octet")
    func tls() {
        #expect(parse([0x16]).refusal == .requestLineMalformed)
    }

    @Test("a few empty lines before it are forgiven (RFC 9112 section 2.2), many are not")
    func emptyLines() {
        let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        for count in 0...4 { #expect(parse(String(repeating: "\r\n", count: count) + request).requests == 1) }
        #expect(parse(String(repeating: "\r\n", count: 5) + request).refusal == .requestLineMalformed)
        #expect(parse(request + "\r\n" + request).requests == 2)
        #expect(parse("\n" + request).refusal == .requestLineMalformed)
        #expect(parse("\rG").refusal == .lineEndingInvalid)
    }
}
