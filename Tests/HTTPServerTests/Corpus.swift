/// Requests good and bad, as clients and attackers send them, for the properties that hold for any input.
enum Corpus {
    private static let next = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n"

    /// Taken by the parser, followed by another request.
    static let good: [String] = [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "HEAD /a?b HTTP/1.1\r\nHost: a:80\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET http://a/b?c HTTP/1.1\r\nHost: a\r\n\r\n",
        "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;a=\"b\";c\r\n\r\n\r\n00\r\nA: b\r\nC: d\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX-Request-ID: abc\r\ntraceparent: 00-1-2-3\r\nEmpty:\r\n\r\n",
        "DELETE / HTTP/1.1\r\nHost: [::1]:80\r\nTe: trailers\r\nAccept: */*\r\n\r\n",
    ].map { $0 + next }

    /// Refused by the parser.
    static let bad: [String] = [
        "GET /\n\n", "GET / HTTP/1.1\nHost: a\n\n", "\u{16}\u{3}\u{1}", "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/2.0\r\nHost: a\r\n\r\n", "NOPE / HTTP/1.1\r\nHost: a\r\n\r\n", "GET /# HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nA : b\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n A: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\rA: b\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n",
        "\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    ].map { $0 + next }

    /// Refused for a limit of ``smallLimits``, with something else wrong behind or before it.
    static let overLimits: [String] = {
        let long = String(repeating: "a", count: 80)
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        return [
            "GET /\(long) HTTP/1.1\r\n", "GET /\(long) HTTP/1.1\n", "GET /\(long)\r/ HTTP/1.1\r\n",
            "GET /\ra\(long)\r\n",
            "GET /\(long.prefix(26))\n", "GET /\(long.prefix(27))\n", "GET /\(long.prefix(28))\n",
            "GET /\(long.prefix(26))\r\rx",
            "GET /\(long.prefix(27))\rx", "GET /\(long.prefix(28))\rx",
            "GET / HTTP/1.1\r\nA: \(long)\r\n\r\n", "GET / HTTP/1.1\r\nA: \(long)\n\r\n",
            "GET / HTTP/1.1\r\nA: \(long)\rb\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n \(long)\r\n\r\n", "GET / HTTP/1.1\r\nA: b\n\(long)\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nA: \(long.prefix(47))\n",
            "GET / HTTP/1.1\r\nHost: a\r\nA: \(long.prefix(48))\n",
            "GET / HTTP/1.1\r\nHost: a\r\nA: \(long.prefix(49))\n",
            "GET / HTTP/1.1\r\nHost: a\r\nA: \(long.prefix(50))\n",
            "GET / HTTP/1.1\r\nHost: a\r\nA: \(long.prefix(51))\n",
            "GET / HTTP/1.1\r\nHost: a\r\nA: \(long.prefix(52))\n",
            "\(head)0\r\nA: \(long)\r\n\r\n", "\(head)0\r\nA: \(long)\n\r\n", "\(head)0\r\nA: \(long)\rb",
            "\(head)0\r\nA: \(long.prefix(58))\n", "\(head)0\r\nA: \(long.prefix(59))\n",
            "\(head)0\r\nA: \(long.prefix(60))\n",
            "\(head)0\r\nA: \(long.prefix(61))\n", "\(head)0\r\nA: \(long.prefix(62))\n",
            "\(head)0\r\nA: \(long.prefix(63))\n",
            "\(head)40\r\n\(long)\r\n", "\(head)20\r\n\(long.prefix(32))\r\n1\r\n",
        ]
    }()

    static let smallLimits = (requestLine: 32, headerSection: 64, headerFields: 4, body: 32)
}
