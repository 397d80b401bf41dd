/// Field lines (RFC 9112 section 5), persistence (section 9) and expectations (RFC 9110 section 10.1.1).
extension ConformanceTable {
    private static let controls = (0...31).filter { ![9, 10, 13].contains($0) } + [127]

    private static func character(_ value: Int) -> String { String(UnicodeScalar(UInt8(value))) }

    static let fields: [ConformanceCase] =
        [
            "A: b\r\n", "A:b\r\n", "A:\r\n", "A: \r\n", "A:\t b \t\r\n", "A: b: c\r\n", "A: \u{e9}\r\n",
            "A: \"\\\"\r\n",
            "!#$%&'*+-.^_`|~: x\r\n", "0: x\r\n", "a: 1\r\nA: 2\r\n", "Cookie: a=b; c\r\n", "Content_Length: 5\r\n",
            "Transfer_Encoding: chunked\r\n", "Accept: */*, ,\r\n", "TE: trailers\r\n", "Trailer: A\r\n",
            String(repeating: "A: b\r\n", count: 99), "A: " + String(repeating: "b", count: 32000) + "\r\n",
        ].map { .taken(conforming($0)) }
        + [
            ": x\r\n", ":\r\n", "A\r\n", "A b: c\r\n", "A : b\r\n", "A\t: b\r\n", " A: b\r\n", "\tA: b\r\n",
            "A: b\r\n c\r\n",
            "A: b\r\n\tc\r\n", "A: b\r\n \r\n", "A:\r\n b\r\n", "\u{e9}: x\r\n", "\r: x\r\n", "A: b\rc\r\n",
            "A: b\r\r\n", "A\n: b\r\n",
            "A: b\nC: d\r\n", "(A): b\r\n", "A/B: c\r\n", "A@B: c\r\n", "A[B]: c\r\n", "A{B}: c\r\n", "A\"B: c\r\n",
            "A,B: c\r\n",
            "A;B: c\r\n", "A<B: c\r\n", "A=B: c\r\n", "A?B: c\r\n", "A\\B: c\r\n", "=: x\r\n",
        ].map { .refused(conforming($0)) }
        + controls.map { .refused(conforming("A: b\(character($0))c\r\n")) }
        + controls.map { .refused(conforming("A\(character($0)): b\r\n")) }
        + controls.map { .refused(conforming("\(character($0))A: b\r\n")) }
        + [
            .refused(conforming(String(repeating: "A: b\r\n", count: 100)), 431),
            .refused(conforming("A: " + String(repeating: "b", count: 33000) + "\r\n"), 431),
            .refused(conforming(String(repeating: "b", count: 33000)), 431),
        ]

    static let persistence: [ConformanceCase] =
        [
            "close", "Close", "CLOSE", "close\t", "\tclose", "close ", "keep-alive, close", "close, keep-alive",
            "a,close,b",
            ",close,", "close,,", "x ,\tclose\t, y", "close, close",
        ].map { .last(conforming("Connection: \($0)\r\n")) }
        + ["keep-alive", "closed", "not-close", "clos", "\"close\"", "", ",", "Host", "upgrade", "close;x", "close x"]
        .map { .taken(conforming("Connection: \($0)\r\n")) }
        + [
            .last(conforming("Connection: a\r\nConnection: close\r\n")), .last(conforming("connection:close\r\n")),
            .last(conforming("Connection: close\r\nConnection: keep-alive\r\n")),
            .taken("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
            .taken("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"),
            .taken("GET / HTTP/1.0\r\nConnection: x, keep-alive\r\n\r\n"),
            .last("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n"),
            .last("GET / HTTP/1.0\r\nHost: a\r\n\r\n"),
            .last("GET / HTTP/1.0\r\nProxy-Connection: keep-alive\r\n\r\n"),
            .last("GET / HTTP/1.0\r\nKeep-Alive: 5\r\n\r\n"),
            .taken(
                conforming("Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQ\r\n")
            ),
            .taken(conforming("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n")),
            .taken(conforming("Upgrade: h2c\r\n")), .taken(conforming("Upgrade: x/1, y\r\n")),
            .taken(posting("Upgrade: h2c\r\nConnection: Upgrade\r\nContent-Length: 2", "hi")),
            .last(conforming("Upgrade: h2c\r\nConnection: Upgrade, close\r\n")),
            .last("GET / HTTP/1.0\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"),
            .taken(conforming() + conforming(line: "HEAD / HTTP/1.1") + conforming(), 200, 200, 200),
            .last(conforming() + conforming("Connection: close\r\n") + conforming(), 200, 200),
            .last(conforming() + "GET / HTTP/1.1\r\n\r\n" + conforming(), 200, 400),
            .last(conforming() + "GET / HTTP/1.0\r\n\r\n" + conforming(), 200, 200),
            // A client that goes on in another protocol is told: what it sends is no request.
            .last(conforming("Upgrade: h2c\r\nConnection: Upgrade\r\n") + "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 200, 505),
            .last(conforming("Upgrade: websocket\r\nConnection: Upgrade\r\n") + "\u{1}\u{5}hello", 200, 400),
        ]

    static let expectations: [ConformanceCase] =
        ["100-continue", "100-Continue", "100-CONTINUE", " 100-continue\t", "", "100-continue, 100-continue"]
        .map { .taken(posting("Expect: \($0)\r\nContent-Length: 2", "hi")) }
        + [
            "x", "100-continue, x", "200-ok", "100", "100-continue;a=b", "\"100-continue\"", "100-continued",
            "100 continue",
        ]
        .map { .refused(posting("Expect: \($0)\r\nContent-Length: 2", "hi"), 417) }
        + [
            .taken(conforming("Expect: 100-continue\r\n")), .refused(conforming("Expect: x\r\n"), 417),
            .refused(conforming("Expect: 100-continue\r\nExpect: x\r\n"), 417),
            .taken(posting("Expect: 100-continue\r\nTransfer-Encoding: chunked", "2\r\nhi\r\n0\r\n\r\n")),
            .refused(posting("Expect: 100-continue\r\nContent-Length: 65537", ""), 413),
            .last("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi"),
            .last("POST / HTTP/1.0\r\nExpect: x\r\nContent-Length: 2\r\n\r\nhi"),
        ]
}
