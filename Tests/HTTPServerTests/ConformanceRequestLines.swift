/// Request lines and line endings (RFC 9112 sections 2 and 3).
extension ConformanceTable {
    static let requestLines: [ConformanceCase] =
        goodVersions + badLines + unsupportedVersions + methods + lineEndings

    private static let goodVersions: [ConformanceCase] = [
        .taken(conforming()), .taken(conforming(line: "GET / HTTP/1.2")), .taken(conforming(line: "GET / HTTP/1.9")),
        .last("GET / HTTP/1.0\r\n\r\n"),
    ]

    private static let badLines = [
        "GET", "GET ", "GET /", "GET / ", "GET  / HTTP/1.1", "GET /  HTTP/1.1", "GET / HTTP/1.1 ", " GET / HTTP/1.1",
        "\tGET / HTTP/1.1", "GET\t/\tHTTP/1.1", "GET / HTTP/1.1\t", "GET HTTP/1.1", "GET  HTTP/1.1", " / HTTP/1.1",
        "GET / x HTTP/1.1", "GET / http/1.1", "GET / Http/1.1", "GET / HTTP/1", "GET / HTTP/1.", "GET / HTTP/.1",
        "GET / HTTP/1.10", "GET / HTTP/01.1", "GET / HTTP/1,1", "GET / HTTP /1.1", "GET / HTTP/ 1.1", "GET / HTTP/1 .1",
        "GET / HTTPS/1.1", "GET / RTSP/1.0", "SOURCE / ICE/1.0", "GET / XTTP/1.1", "GET / HTTP/+1.1", "GET / HTTP/1.a",
        "GET / HTTP/a.1", "GET / HTTP/\u{661}.1", "GET / HTTP-1.1", "GET / HTTP/11", "GET / /1.1", "GET / 1.1",
        "GET\u{b}/ HTTP/1.1", "GET\u{c}/ HTTP/1.1", "GET /\u{b}HTTP/1.1", "GET / HTTP/1.1\u{b}", "GET / HTTP/1.1\0",
        "G\0T / HTTP/1.1", "GE<T / HTTP/1.1", "G(T / HTTP/1.1", "G\"T / HTTP/1.1", "G:T / HTTP/1.1", "G/T / HTTP/1.1",
        "G\u{e9}T / HTTP/1.1", "GET,POST / HTTP/1.1", "{} / HTTP/1.1", "\u{16}\u{3}\u{1}\u{2}\0\u{1}",
    ].map { ConformanceCase.refused(conforming(line: $0)) }

    private static let unsupportedVersions =
        ["0.9", "0.1", "2.0", "2.1", "3.0", "9.9"].map {
            ConformanceCase.refused(conforming(line: "GET / HTTP/\($0)"), 505)
        }
        + [.refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505)]

    private static let methods =
        ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "QUERY", "PROPFIND", "M-SEARCH", "LINK"]
        .map { method in
            method == "M-SEARCH"
                ? ConformanceCase.refused(conforming(line: "\(method) / HTTP/1.1"), 501)
                : .taken(conforming(line: "\(method) / HTTP/1.1"))
        }
        + ["get", "Get", "BREW", "G", "GETT", "!#$%&'*+-.^_`|~", "1", String(repeating: "A", count: 5000)]
        .map { ConformanceCase.refused(conforming(line: "\($0) / HTTP/1.1"), 501) }
        + [.refused(conforming(line: String(repeating: "A", count: 9000) + " / HTTP/1.1"), 414)]
        + [.refused(conforming(line: "GET /" + String(repeating: "a", count: 9000) + " HTTP/1.1"), 414)]

    private static let lineEndings: [ConformanceCase] =
        (1...4).map { .taken(String(repeating: "\r\n", count: $0) + conforming()) }
        + (5...7).map { .refused(String(repeating: "\r\n", count: $0) + conforming()) }
        + [
            "\n", "\n\n", "\r", "\r\r\n", "\r\n\n", "\r\n\r", " \r\n", "\0", "\u{feff}",
        ].map { .refused($0 + conforming()) }
        + [
            "GET / HTTP/1.1\nHost: a\n\n", "GET / HTTP/1.1\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n\n", "GET / HTTP/1.1\rHost: a\r\r", "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\r\r\n",
            "GET / HTTP/1.1\n\rHost: a\n\r",
            "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", "GET /\r HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX: b\nY: c\r\n\r\n", "GET /\nHost: a\n\n",
        ].map { .refused($0) }
        // Empty lines between pipelined requests, as old browsers sent them behind a body.
        + [.taken(conforming() + "\r\n" + conforming(), 200, 200)]
}
