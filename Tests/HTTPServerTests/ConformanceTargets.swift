/// Request targets (RFC 9112 section 3.2) and Host (RFC 9110 section 7.2).
extension ConformanceTable {
    static let targets: [ConformanceCase] =
        [
            "/", "//", "/.", "/..", "/../../etc/passwd", "/a%20b", "/%2e%2e/", "/%00", "/?", "/??", "/?a?b/c", "/a;b=c",
            "/~!$&'()*+,;=:@-._", "/?a=b&c[]=d".replacing("[]", with: "%5B%5D"), "/%C3%A9", "/a//b",
            "http://a", "http://a/", "HTTP://a/x?y", "http://a:80/", "http://a?x=y", "http://b/other",
            "http://[::1]/", "http://a:/", "http://[2001:db8::1]:80/x", "http://[::ffff:1.2.3.4]/",
        ].map { .taken(conforming(line: "GET \($0) HTTP/1.1")) }
        + [.taken(conforming(line: "OPTIONS * HTTP/1.1")), .taken(conforming(line: "OPTIONS http://a HTTP/1.1"))]
        + [
            "/%", "/%2", "/%zz", "/%2g", "/%%20", "/a b", "/a#b", "/#", "/<", "/>", "/\"", "/\\", "/^", "/`", "/{",
            "/|",
            "/}", "/[", "/]", "/\u{7f}", "/\u{e9}", "/\0", "/\u{1}", "/a\tb", "/?\u{e9}", "/?#", "/?a b", "/?%", "*",
            "**",
            "*/", "a", "a/b", "a:80", "?a", "#", "%2f", "http:", "http:/", "http://", "http:///x", "http:/a/",
            "http://@a/",
            "http://u@a/", "http://u:p@a/", "http://a:99999/", "http://a:x/", "http://a b/", "http://[::1/", "http://#",
            "http://a/#x", "http://a/%", "http://a\\b/", "ftp://a/", "file:///etc", "urn:x", "://a/", "http//a/",
            "ws://a/", "http://[:]/", "http://[1.2.3.4:]/", "http://[::1%25lo]/", "https://", "https://u@a/",
            "https://[:]/",
        ].map { .refused(conforming(line: "GET \($0) HTTP/1.1")) }
        // A connection without TLS serves nothing of an `https` origin's (RFC 9110 section 7.4).
        + ["https://a", "https://a/", "HTTPS://a:443/x?y", "https://[::1]/", "https://a:80/"].flatMap {
            [
                ConformanceCase.refused(conforming(line: "GET \($0) HTTP/1.1"), 421),
                .refused(conforming(line: "OPTIONS \($0) HTTP/1.1"), 421),
            ]
        }
        + [.refused("GET https://a/ HTTP/1.1\r\n\r\n"), .refused("GET https://a/ HTTP/1.0\r\n\r\n", 421)]
        + ["/", "a", "a:", ":80", "http://a:80", "a:80/", "a:99999", "u@a:80", "*", "a:80 b"]
        .map { .refused(conforming(line: "CONNECT \($0) HTTP/1.1")) }
        + [.last(conforming(line: "CONNECT a:443 HTTP/1.1")), .last(conforming(line: "CONNECT [::1]:443 HTTP/1.1"))]

    static let hosts: [ConformanceCase] =
        [
            "a", "a:80", "a:0", "a:65535", "a:", "[::1]", "[::1]:80", "[v1.a]", "[::]", "[1:2:3:4:5:6:7:8]",
            "[::ffff:192.0.2.1]", "[1:2:3:4:5:6:1.2.3.4]", "[FE80::A]",
            "[1::8]:1", "[1:2:3:4:5:6:7::]", "[v1F.a:b]", "%41", "a_b", "a.b.c", "a.", "-",
            "127.0.0.1",
            "A", "\ta", "a \t", "a!$&'()*+;=",
        ].map { .taken("GET / HTTP/1.1\r\nHost: \($0)\r\n\r\n") }
        + [
            "", " ", "a b", "a\tb", "a/b", "a/", "/", "a?b", "a#b", "a@b", "u:p@a", "http://a", "a:65536", "a:-1",
            "a:+1",
            "a:1x", "a:80:80", "[::1", "::1", "[::1]x", "[::1]:x", "[]", "[:]", "[1.2.3.4:]", "[1.2.3.4]", "[:::]",
            "[1::2::3]", "[::1:]", "[:1]", "[1:2:3:4:5:6:7]",
            "[1:2:3:4:5:6:7:8:9]", "[12345::]", "[::1.2.3]", "[::1.2.3.256]", "[::1.2.3.4:5]",
            "[1:2:3:4:5:6:7:1.2.3.4]",
            "[::g]", "[::1%25lo]", "[::01.2.3.4]", "[\(String(repeating: "0:", count: 40))1]", "[v1.]", "[zz]", "[v1]",
            "[v.a]", "%4", "%zz", "\u{e9}",
            "a\\b",
            "\"a\"", "a<b", "{a}", ":80", ":", "a\0", "a\u{1}", "a\u{7f}", "[::1]80", "a[::1]", "a:000080",
        ].map { .refused("GET / HTTP/1.1\r\nHost: \($0)\r\n\r\n") }
        + [
            "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nhOST: b\r\n\r\n", "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost\r\n\r\n", "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n",
            "GET / HTTP/1.1\r\nX-Host: a\r\n\r\n", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n",
            "GET / HTTP/1.0\r\nHost:\r\n\r\n", "GET http://a/ HTTP/1.1\r\n\r\n",
            "GET http://a/ HTTP/1.1\r\nHost: a b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nHost:\r\n\r\n", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n",
        ].map { .refused($0) }
}
