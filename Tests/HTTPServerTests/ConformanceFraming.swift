/// Where bodies end (RFC 9112 sections 6 and 7).
extension ConformanceTable {
    static let lengths: [ConformanceCase] =
        ["5", "05", "0000000000000000000000005", " 5", "5 ", "\t5\t"].map {
            .taken(posting("Content-Length: \($0)", "hello"))
        }
        + [
            "+5", "-5", "0x5", "5a", "a5", "5 5", "5,5", "5, 5", "5, 6", ",5", "5,", "", "5.0", "5e0", "\u{665}", "5;",
            "\"5\"",
            "0x", "five", "-0", "5\u{b}", "5_0", "५",
        ].map { .refused(posting("Content-Length: \($0)", "hello")) }
        + ["65537", "4294967296", "4294967301", "18446744073709551615", "18446744073709551616", "18446744073709551621"]
        .map { .refused(posting("Content-Length: \($0)", "hello"), 413) }
        + [.refused(posting("Content-Length: " + String(repeating: "9", count: 1000), ""), 413)]
        + [
            "Content-Length: 5\r\nContent-Length: 5", "Content-Length: 5\r\nContent-Length: 6",
            "Content-Length: 5\r\ncontent-length: 0", "Content-Length: 0\r\nContent-Length: 0", "Content-Length : 5",
            "Content-Length\t: 5", " Content-Length: 5", "Content-Length: 5\r\n 6", "Content-Length:\r\n 5",
            "Content-Length: 5\n",
            "Content-Length: 5\r", "Content-Length",
        ].map { .refused(posting($0, "hello")) }
        + [
            .taken(conforming("Content-Length: 0\r\n")), .taken(conforming("Content-Length: 5\r\n") + "hello"),
            .taken(conforming("Content-Length: 5\r\n", line: "HEAD / HTTP/1.1") + "hello"),
            .taken(conforming("Content-Length: 5\r\n", line: "OPTIONS * HTTP/1.1") + "hello"),
            .taken(posting("Content-Length: 65536", String(repeating: "x", count: 65536))),
            .taken(posting("Content-Length: 38", "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n___")),
            // The octet too many begins the next request.
            .refused(posting("Content-Length: 4", "hel\0lo"), 501).after(200),
        ]

    static let codings: [ConformanceCase] =
        ["chunked", "Chunked", "CHUNKED", " chunked ", "\tchunked\t"]
        .map { .taken(posting("Transfer-Encoding: \($0)", "5\r\nhello\r\n0\r\n\r\n")) }
        + [
            "", " ", ",", "chunked,", ",chunked", "chunked, chunked", "chunked,gzip", "chunked, identity",
            "\"chunked\"", "chunked;a=b",
            "chunked; ", "chun ked", "chunked chunked", "chunked\0", "\u{b}chunked", "chunked\u{c}", "[chunked]",
            "chunked/1",
            "chunked=1", "chunked\u{e9}", "gzip, chunked, chunked", "gzip, chunked, gzip", "{}",
        ].map { .refused(posting("Transfer-Encoding: \($0)", "0\r\n\r\n")) }
        + [
            "gzip", "identity", "gzip, chunked", "identity, chunked", "xchunked", "chunkedx", "x", "deflate;q=1",
            "cow, chunked",
        ]
        .map { .refused(posting("Transfer-Encoding: \($0)", "0\r\n\r\n"), 501) }
        + [
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding:", "Transfer-Encoding : chunked",
            "Transfer-Encoding\t: chunked",
            " Transfer-Encoding: chunked", "Transfer-Encoding:\r\n chunked", "Transfer-Encoding: chunked\r\n ",
            "X: y\nTransfer-Encoding: chunked", "X: y\rTransfer-Encoding: chunked", "Transfer-Encoding\n: chunked",
            "Content-Length: 5\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 5",
            "Transfer-Encoding: chunked\r\nContent-Length: 0", "Content-Length: 5\r\nTransfer-Encoding: gzip",
            "Content-Length: 5\r\nTransfer-Encoding: identity", "Content-Length: 5\r\nTransfer-Encoding:",
            "Content-Length: x\r\nTransfer-Encoding: chunked", "transfer-encoding: chunked\r\ncontent-length: 5",
        ].map { .refused(posting($0, "0\r\n\r\n")) }
        + [
            .refused(posting("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked", "0\r\n\r\n"), 501),
            .refused(posting("Transfer-Encoding: chunked", "0\r\n\r\n", version: "HTTP/1.0")),
            .refused(posting("Transfer-Encoding: gzip", "0\r\n\r\n", version: "HTTP/1.0")),
            .refused(posting("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n", version: "HTTP/1.0")),
            .last("POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello"), .last("POST / HTTP/1.0\r\n\r\n"),
            .taken(conforming("Transfer-Encoding: chunked\r\n") + "0\r\n\r\n"),
        ]

    static let chunks: [ConformanceCase] =
        [
            "0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "05\r\nhello\r\n00\r\n\r\n", "000000005\r\nhello\r\n0\r\n\r\n",
            "a\r\n0123456789\r\n0\r\n\r\n", "A\r\n0123456789\r\n000\r\n\r\n", "1\r\n\n\r\n1\r\n\r\r\n0\r\n\r\n",
            "5;a\r\nhello\r\n0\r\n\r\n", "5;a=b\r\nhello\r\n0;c\r\n\r\n", "5;a=\"b;c\\\"\\\\\"\r\nhello\r\n0\r\n\r\n",
            "5 ; a = b ; c\r\nhello\r\n0\r\n\r\n", "5;a;b;c=d\r\nhello\r\n0\r\n\r\n", "0\r\nA: b\r\n\r\n",
            "0\r\nA: b\r\nC:\r\n\r\n",
            "0\r\nContent-Length: 5\r\n\r\n", "0\r\nTransfer-Encoding: gzip\r\n\r\n",
            "0\r\nHost: b\r\nConnection: close\r\n\r\n",
            String(repeating: "1\r\nx\r\n", count: 65536) + "0\r\n\r\n",
            "10000\r\n" + String(repeating: "x", count: 65536) + "\r\n0\r\n\r\n",
        ].map { .taken(chunked($0)) }
        + [
            "\r\n", "0x5\r\nhello\r\n", "+5\r\nhello\r\n", "-5\r\nhello\r\n", "5h\r\nhello\r\n", "g\r\n",
            " 5\r\nhello\r\n",
            "\t5\r\nhello\r\n", "5,\r\nhello\r\n", "5_0\r\nhello\r\n", "5\0\r\nhello\r\n", "5.0\r\nhello\r\n",
            "5 5\r\nhello\r\n",
            "5 \r\nhello\r\n", "5\t\r\nhello\r\n", "\u{665}\r\nhello\r\n", "x5\r\nhello\r\n", ";a\r\nhello\r\n",
            "5;\r\nhello\r\n",
            "5;=b\r\nhello\r\n", "5;a=\r\nhello\r\n", "5;a=\"b\r\nhello\r\n", "5;a=\"b\"c\r\nhello\r\n",
            "5;a b\r\nhello\r\n",
            "5;a\nhello\r\n0\r\n\r\n", "5;a\rhello\r\n0\r\n\r\n", "5;a=\u{1}\r\nhello\r\n", "5;\0\r\nhello\r\n",
            "5;a;;b\r\nhello\r\n",
            "5\nhello\r\n0\r\n\r\n", "5\rhello\r\n0\r\n\r\n", "5\r\rhello\r\n0\r\n\r\n", "5\r\n\nhello\r\n0\r\n\r\n",
            "5\r\nhello\n0\r\n\r\n",
            "5\r\nhello0\r\n\r\n", "5\r\nhelloX\r\n0\r\n\r\n", "5\r\nhello\r0\r\n\r\n", "5\r\nhello\r\n\r\n0\r\n\r\n",
            "4\r\nhello\r\n0\r\n\r\n",
            "6\r\nhello\r\n0\r\n\r\n", "0\n\r\n", "0\r\n\n", "0\r\n\r\r\n", "0\r\r\n\r\n", "0 \r\n\r\n",
            "0\r\nA\r\n\r\n", "0\r\nA : b\r\n\r\n",
            "0\r\n A: b\r\n\r\n", "0\r\nA: b\r\n c\r\n\r\n", "0\r\nA: b\n\r\n", "0\r\nA: b\0\r\n\r\n",
            "0\r\n: b\r\n\r\n", "0\r\nA: b\r\r\n\r\n",
            String(repeating: "0", count: 5000) + "5\r\nhello\r\n0\r\n\r\n",
            "5;a=" + String(repeating: "b", count: 5000) + "\r\nhello\r\n",
            "5;" + String(repeating: " ", count: 5000) + "a\r\nhello\r\n",
            "5" + String(repeating: ";a", count: 5000) + "\r\nhello\r\n",
        ].map { .refused(chunked($0)) }
        + [
            "10001\r\n", "ffffffff\r\nhello", "7fffffffffffffff\r\nhello", "8000000000000000\r\nhello",
            "ffffffffffffffff\r\nhello",
            "10000000000000005\r\nhello", "fffffffffffffffb\r\nhello",
            "10000\r\n" + String(repeating: "x", count: 65536) + "\r\n1\r\n",
        ].map { .refused(chunked($0), 413) }
        + [
            .refused(chunked("0\r\n" + String(repeating: "A: b\r\n", count: 101) + "\r\n"), 431),
            .refused(chunked("0\r\nA: " + String(repeating: "b", count: 33000) + "\r\n\r\n"), 431),
        ]
}

extension ConformanceCase {
    /// The same behind an answer to a request that came before.
    fileprivate func after(_ status: Int) -> Self {
        ConformanceCase(octets: octets, statuses: [status] + statuses, keeps: keeps)
    }
}
