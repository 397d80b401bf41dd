import Testing

@testable import HTTPServer

@Suite("Who the client is")
struct ForwardingTests {
    @Test(
        "an entry of a list of trusted peers is read as it is written",
        arguments: [
            "unix", "192.0.2.1", "192.0.2.0/24", "0.0.0.0/0", "2001:db8::/32", "2001:db8::1", "::/0",
            "2001:db8:0:0:8000::/65",
        ]
    )
    func entries(text: String) throws {
        let entry = try TrustedPeers.Entry(text)
        #expect(try TrustedPeers.Entry(entry.description) == entry)
        #expect(entry.description == text.replacing(":0:0:", with: "::") || text.hasSuffix("/65"))
    }

    @Test(
        "what is no entry is refused",
        arguments: [
            "", "Unix", "192.0.2", "192.0.2.1/33", "192.0.2.1/", "192.0.2.1/08", "192.0.2.0/24/24", "::/129", "[::1]",
            "::1%lo", "192.0.2.1:80", "/8", "192.0.2.01", " 192.0.2.1", "192.0.2.0/+24", "unix/1", "localhost",
            "192.0.2.1\u{0}", "0x7f.1",
        ]
    )
    func malformedEntries(text: String) {
        #expect(throws: TrustedPeers.Entry.Problem.malformed) { try TrustedPeers.Entry(text) }
    }

    @Test("a network with bits behind those that count is refused, with the network that may be meant")
    func hostBits() {
        for (text, network) in [("10.0.0.1/8", "10.0.0.0/8"), ("2001:db8::1/64", "2001:db8::/64")] {
            #expect(throws: TrustedPeers.Entry.Problem.hasHostBits(network: network)) { try TrustedPeers.Entry(text) }
        }
    }

    @Test(
        "an address is trusted that is in a list, to the bit, and in no other family",
        arguments: [
            ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false), ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3", "10.1.2.2", false), ("0.0.0.0/0", "255.0.0.1", true), ("0.0.0.0/0", "::1", false),
            ("10.128.0.0/9", "10.127.0.0", false), ("::/0", "1.2.3.4", false),
            ("2001:db8::/33", "2001:db8:7fff::", true),
            ("2001:db8::/33", "2001:db8:8000::", false), ("2001:db8::/64", "2001:db8::ffff:0:0:1", true),
            ("2001:db8::/65", "2001:db8::8000:0:0:0", false), ("2001:db8::1", "2001:db8::1", true),
            ("2001:db8::1", "2001:db8::2", false), ("10.0.0.0/8", "::ffff:10.0.0.1", true),
            ("::ffff:0:0/96", "::ffff:10.0.0.1", true), ("unix", "10.0.0.1", false),
        ]
    )
    func trust(entry: String, address: String, isTrusted: Bool) throws {
        let peers = TrustedPeers([try TrustedPeers.Entry(entry)])
        #expect(peers.contains(try #require(ClientAddress(address, port: 7))) == isTrusted)
        #expect(peers.contains(.unix) == (entry == "unix"))
        #expect(!TrustedPeers().contains(try #require(ClientAddress(address))))
    }

    @Test(
        "a node of Forwarded is read (RFC 7239 section 6)",
        arguments: [
            ("192.0.2.43", "192.0.2.43:0"), ("192.0.2.43:47011", "192.0.2.43:47011"),
            ("[2001:db8::17]", "[2001:db8::17]:0"),
            ("[2001:db8::17]:47011", "[2001:db8::17]:47011"), ("unknown", "unknown"), ("Unknown:80", "unknown"),
            ("_gazonk", "unknown"), ("_SEVKISEK:_x", "unknown"), ("192.0.2.43:_port", "192.0.2.43:0"),
            ("", nil), ("_", nil), ("2001:db8::17", nil), ("[192.0.2.43]", nil), ("[2001:db8::17", nil),
            ("192.0.2.43:", nil),
            ("192.0.2.43:65536", nil), ("192.0.2.43:123456", nil), ("192.0.2.43 ", nil), ("host.example", nil),
            ("[2001:db8::17]x", nil), ("192.0.2.43:-1", nil), ("[fe80::1%1]", nil), ("_é", nil), ("[]", nil),
        ]
    )
    func nodes(text: String, expected: String?) {
        let node = ForwardedNode(text)
        #expect(node.map(Self.text) == expected)
    }

    @Test(
        "a line of Forwarded is read by its grammar (RFC 7239 section 4)",
        arguments: [
            ("for=192.0.2.43", ["192.0.2.43:0"]), ("For=\"[2001:db8:cafe::17]:4711\"", ["[2001:db8:cafe::17]:4711"]),
            ("for=192.0.2.60;proto=http;by=203.0.113.43", ["192.0.2.60:0"]),
            ("for=192.0.2.43, for=198.51.100.17", ["192.0.2.43:0", "198.51.100.17:0"]),
            ("by=203.0.113.43;FOR=192.0.2.60 ; host=a", ["192.0.2.60:0"]), ("proto=https", ["unknown"]),
            ("for=\"_gazonk\",, ,for=unknown", ["unknown", "unknown"]), ("", []), (" , ", []),
            ("for=\"192.0.2.43\\:80\"", ["192.0.2.43:80"]), ("host=\"a,b;for=1.1.1.1\";for=192.0.2.1", ["192.0.2.1:0"]),
            (";for=192.0.2.1;", ["192.0.2.1:0"]),
            ("for=192.0.2.43:80", nil), ("for=[::1]", nil), ("for=", nil), ("for", nil), ("for =192.0.2.1", nil),
            ("for= 192.0.2.1", nil), ("for=\"192.0.2.1", nil), ("for=\"192.0.2.1\\", nil), ("=a", nil),
            ("for=192.0.2.1;for=192.0.2.2", nil), ("for=192.0.2.1 for=192.0.2.2", nil), ("for=\"192.0.2.1\"x", nil),
            ("for=host.example", nil), ("for=192.0.2.1;by", nil),
        ] as [(String, [String]?)]
    )
    func lines(line: String, expected: [String]?) {
        #expect((try? ForwardedField.nodes(line))?.map(Self.text) == expected, "\(line)")
    }

    /// From 10.0.0.1, where 10.0.0.0/8 and 2001:db8::/32 are trusted.
    @Test(
        "it is the last in the chain who is not trusted",
        arguments: [
            (.none, ["192.0.2.1"], "10.0.0.1:80"),
            (.xForwardedFor, [], "10.0.0.1:80"), (.xForwardedFor, ["192.0.2.1"], "192.0.2.1:0"),
            // What a client wrote itself is not believed, nor looked at.
            (.xForwardedFor, ["203.0.113.9, 192.0.2.1"], "192.0.2.1:0"),
            (.xForwardedFor, ["<x>, 192.0.2.1"], "192.0.2.1:0"),
            (.xForwardedFor, ["10.9.9.9, 192.0.2.1, 10.0.0.2"], "192.0.2.1:0"),
            (.xForwardedFor, ["192.0.2.1", "10.0.0.3", "10.0.0.2"], "192.0.2.1:0"),
            (.xForwardedFor, ["192.0.2.7", "192.0.2.1,10.0.0.2"], "192.0.2.1:0"),
            // Everybody is trusted: the first of them.
            (.xForwardedFor, ["10.0.0.3, 10.0.0.2"], "10.0.0.3:0"),
            // A trusted proxy does not know, so that it is all that is known.
            (.xForwardedFor, ["192.0.2.1, unknown, 10.0.0.2"], "10.0.0.2:0"),
            (.xForwardedFor, ["192.0.2.1:99"], "192.0.2.1:99"), (.xForwardedFor, ["2001:db9::1"], "[2001:db9::1]:0"),
            (.xForwardedFor, ["[2001:db9::1]:7, 2001:db8::2"], "[2001:db9::1]:7"),
            (.xForwardedFor, [" ,, "], "10.0.0.1:80"),
            (.xForwardedFor, ["192.0.2.1, host.example"], nil), (.xForwardedFor, ["192.0.2.1;10.0.0.1"], nil),
            (.forwarded, ["for=192.0.2.1"], "192.0.2.1:0"),
            (.forwarded, ["for=203.0.113.9, for=192.0.2.1;proto=https"], "192.0.2.1:0"),
            (.forwarded, ["for=\"[2001:db9::1]:7\";by=_x", "for=10.0.0.2"], "[2001:db9::1]:7"),
            (.forwarded, ["for=192.0.2.1, for=_hidden"], "10.0.0.1:80"), (.forwarded, ["proto=http"], "10.0.0.1:80"),
            (.forwarded, ["for=\"", "for=192.0.2.1"], "192.0.2.1:0"), (.forwarded, ["for=192.0.2.1", "for=\""], nil),
            // A quote that a client left open does not hide what the proxy added on the same line.
            (.forwarded, ["for=192.0.2.9;host=\"x, for=192.0.2.1"], nil),
        ] as [(ForwardingField, [String], String?)]
    )
    func chains(field: ForwardingField, lines: [String], expected: String?) throws {
        let peers = TrustedPeers([try .init("10.0.0.0/8"), try .init("2001:db8::/32")])
        let trust = ForwardingTrust(peers: peers, field: field)
        let proxy = try #require(ClientAddress("10.0.0.1", port: 80))
        #expect((try? trust.client(behind: proxy, lines))?.description == expected)
        // From anybody else the field says nothing, not even where it is malformed.
        let stranger = try #require(ClientAddress("192.0.2.200", port: 80))
        #expect(try trust.client(behind: stranger, lines) == stranger)
    }

    private static func text(_ node: ForwardedNode) -> String {
        switch node {
        case .address(let address): address.description
        case .unknown: "unknown"
        }
    }
}
