import HTTPTypes
import Testing

@testable import HTTPServer

@Suite("The header section (RFC 9112 section 5)")
struct FieldTests {
    @Test(
        "a malformed field is refused with 400",
        arguments: [
            // White space before the colon (section 5.1).
            ("A : b", .fieldNameInvalid), ("A\t: b", .fieldNameInvalid), ("Host : a", .fieldNameInvalid),
            ("A", .fieldNameInvalid), (": b", .fieldNameInvalid), ("A b: c", .fieldNameInvalid),
            ("A\u{e9}: b", .fieldNameInvalid), ("A(: b", .fieldNameInvalid), ("\u{0}: b", .fieldNameInvalid),
            // obs-fold (section 5.2).
            (" A: b", .fieldFolded), ("\tA: b", .fieldFolded), (" ", .fieldFolded), ("A: b\r\n c", .fieldFolded),
            // Control characters (RFC 9110 section 5.5).
            ("A: b\u{0}", .fieldValueInvalid), ("A: \u{1}", .fieldValueInvalid), ("A: b\u{1f}c", .fieldValueInvalid),
            ("A: \u{7f}", .fieldValueInvalid), ("A: \u{8}", .fieldValueInvalid), ("A:\u{b}", .fieldValueInvalid),
            // Line endings (section 2.2): a bare LF and a bare CR.
            ("A: b\nC: d", .lineEndingInvalid), ("A: b\rC: d", .lineEndingInvalid), ("A: b\n", .lineEndingInvalid),
            ("\n", .lineEndingInvalid), ("A: b\r\r", .fieldValueInvalid),
        ] as [(String, Refusal)]
    )
    func malformed(line: String, expected: Refusal) {
        #expect(refusal(fields: line) == expected)
        #expect(expected.status == 400)
    }

    @Test("what the grammar allows is taken, and white space round a value is not part of it (section 5)")
    func allowed() throws {
        let text = "GET / HTTP/1.1\r\nHost: a\r\nX:\r\nY: \t b c\td \t\r\nx:\u{e9}\r\n!#$%&'*+-.^_`|~09:1\r\n\r\n"
        let head = try #require(parsedHead(text))
        #expect(head.values(ofField: "x") == ["", "\u{e9}"])
        #expect(head.values(ofField: "y") == ["b c\td"])
        #expect(head.values(ofField: "!#$%&'*+-.^_`|~09") == ["1"])
        #expect(head.values(ofField: "z").isEmpty)
    }

    @Test(
        "Host is there once and is an authority (RFC 9112 section 3.2, RFC 9110 section 7.2)",
        arguments: [
            (["Host: a"], nil), (["Host: a:80"], nil), (["Host: a:"], nil), (["HOST:a"], nil),
            (["Host: 127.0.0.1:1"], nil),
            (["Host: [::1]"], nil), (["Host: [::1]:8080"], nil), (["Host: [::ffff:1.2.3.4]"], nil),
            (["Host: [v1.a:b]"], nil),
            (["Host: a%20b"], nil), (["Host: a_b.c-d~"], nil), (["Host: a:65535"], nil), (["Host: a:0"], nil),
            ([], .hostMissing),
            (["Host: a", "Host: a"], .hostRepeated), (["Host: a", "host: b"], .hostRepeated),
            (["Host:"], .hostInvalid), (["Host: "], .hostInvalid), (["Host: \t"], .hostInvalid),
            (["Host: :80"], .hostInvalid),
            (["Host: a b"], .hostInvalid), (["Host: a,b"], nil), (["Host: a/b"], .hostInvalid),
            (["Host: u@a"], .hostInvalid),
            (["Host: a:b"], .hostInvalid), (["Host: a:65536"], .hostInvalid), (["Host: a:80:80"], .hostInvalid),
            (["Host: a:+80"], .hostInvalid), (["Host: a:000080"], .hostInvalid), (["Host: ::1"], .hostInvalid),
            (["Host: [::1"], .hostInvalid), (["Host: [::1]a"], .hostInvalid), (["Host: []"], .hostInvalid),
            (["Host: [a]"], .hostInvalid), (["Host: [::1%25eth0]"], .hostInvalid), (["Host: [g::1]"], .hostInvalid),
            (["Host: a%2"], .hostInvalid), (["Host: a%zz"], .hostInvalid), (["Host: \u{e9}"], .hostInvalid),
            (["Host: http://a"], .hostInvalid), (["Host: a?b"], .hostInvalid), (["Host: a#b"], .hostInvalid),
            (["Host: [v]"], .hostInvalid), (["Host: [vg.a]"], .hostInvalid), (["Host: [v1.]"], .hostInvalid),
        ] as [([String], Refusal?)]
    )
    func host(lines: [String], expected: Refusal?) {
        let fields = lines.map { $0 + "\r\n" }.joined()
        #expect(parse("GET / HTTP/1.1\r\n\(fields)\r\n").refusal == expected)
        // HTTP/1.0 may go without one, but a bad one is bad there too.
        #expect(parse("GET / HTTP/1.0\r\n\(fields)\r\n").refusal == (expected == .hostMissing ? nil : expected))
        // A target with an authority does not replace it.
        #expect(parse("GET http://b/ HTTP/1.1\r\n\(fields)\r\n").refusal == expected)
    }

    @Test(
        "persistence follows Connection in any case, list and line (RFC 9112 section 9.3)",
        arguments: [
            ("HTTP/1.1", [], true), ("HTTP/1.1", ["Connection: close"], false),
            ("HTTP/1.1", ["Connection: CLOSE"], false),
            ("HTTP/1.1", ["connection:close"], false), ("HTTP/1.1", ["Connection: close\t"], false),
            ("HTTP/1.1", ["Connection: keep-alive, Close"], false), ("HTTP/1.1", ["Connection: a,\tclose ,b"], false),
            ("HTTP/1.1", ["Connection: keep-alive", "Connection: close"], false),
            ("HTTP/1.1", ["Connection: ,,close"], false), ("HTTP/1.1", ["Connection: closed"], true),
            ("HTTP/1.1", ["Connection: not-close"], true), ("HTTP/1.1", ["Connection: \"close\""], true),
            ("HTTP/1.1", ["Connection: keep-alive"], true), ("HTTP/1.1", ["Connection:"], true),
            ("HTTP/1.1", ["X-Connection: close"], true),
            ("HTTP/1.0", [], false), ("HTTP/1.0", ["Connection: keep-alive"], true),
            ("HTTP/1.0", ["Connection: Keep-Alive\t"], true), ("HTTP/1.0", ["Connection: a, keep-alive"], true),
            ("HTTP/1.0", ["Connection: keep-alive, close"], false), ("HTTP/1.0", ["Connection: close"], false),
            ("HTTP/1.0", ["Keep-Alive: timeout=5"], false),
            // An offered upgrade is ignored (RFC 9110 section 7.8).
            ("HTTP/1.1", ["Upgrade: h2c"], true), ("HTTP/1.1", ["Connection: Upgrade", "Upgrade: websocket"], true),
            ("HTTP/1.1", ["Connection: Upgrade"], true),
        ] as [(String, [String], Bool)]
    )
    func persistence(version: String, lines: [String], keepsAlive: Bool) throws {
        let head = try #require(parsedHead("GET / \(version)\r\nHost: a\r\n\(lines.map { $0 + "\r\n" }.joined())\r\n"))
        #expect(head.semantics.keepsAlive == keepsAlive)
    }

    @Test("CONNECT ends the connection, as what follows would be a tunnel's")
    func connect() throws {
        let head = try #require(parsedHead("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n"))
        #expect(!head.semantics.keepsAlive)
    }

    @Test("the caller's identifiers are kept if there is one of each, and a sane one")
    func identifiers() {
        func id(_ lines: String...) -> String? {
            parsedHead("GET / HTTP/1.1\r\nHost: a\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n")?.requestID
        }
        let longest = String(repeating: "a", count: 128)
        #expect(id("X-Request-ID: abc-1") == "abc-1")
        #expect(id("x-request-id: \(longest)") == longest)
        #expect(id("X-Request-ID: \(longest)a") == nil)
        #expect(id("X-Request-ID:") == nil)
        #expect(id("X-Request-ID: a b") == nil)
        #expect(id("X-Request-ID: a\"b") == nil)
        #expect(id("X-Request-ID: \u{e9}") == nil)
        #expect(id("X-Request-ID: a", "X-Request-ID: b") == nil)
        #expect(id() == nil)
    }
}
