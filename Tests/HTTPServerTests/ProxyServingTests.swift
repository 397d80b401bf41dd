import HTTPTypes
import Testing

@testable import HTTPServer

@Suite("Behind proxies", .serialized)
struct ProxyServingTests {
    private static let local = TrustedPeers([.ipv4(0x7f00_0001, prefix: 32)])
    private static let line = "PROXY TCP4 192.0.2.1 198.51.100.1 1234 80\r\n"
    /// Of 10.1.2.3, with a type-length-value behind the addresses.
    private static let binary = String(
        decoding: ProxyHeaderTests.binary(0x21, 0x11, [10, 1, 2, 3, 1, 1, 1, 1, 0, 7, 0, 80, 4, 0, 0]),
        as: UTF8.self
    )

    @Test(
        "each request of a connection from a trusted proxy has its own client",
        arguments: [ForwardingField.forwarded, .xForwardedFor]
    )
    func fields(field: ForwardingField) async throws {
        try await TestServer.run(forwarding: ForwardingTrust(peers: Self.local, field: field)) { test in
            func line(_ text: String) -> String {
                field == .forwarded ? "Forwarded: for=\(text)" : "X-FORWARDED-FOR: \(text)"
            }
            let client = try test.client()
            // Pipelined, and the second one without a field, and the third one with the field of the other kind.
            let other = field == .forwarded ? "X-Forwarded-For: 192.0.2.9" : "Forwarded: for=192.0.2.9"
            try await client.send(get("/who", line("192.0.2.1")) + get("/task", line("192.0.2.2")))
            try await client.send(get("/who") + get("/who", other) + get("/who", line("192.0.2.3"), line("127.0.0.1")))
            var answers: [String] = []
            for _ in 0..<5 { answers.append(try #require(try await client.answer()).body) }
            #expect(answers[0] == "192.0.2.1:0" && answers[4] == "192.0.2.3:0")
            #expect(answers[2].hasPrefix("127.0.0.1:") && answers[3] == answers[2])
            try await client.send(get("/bad", line("nobody")))
            let refusal = try #require(try await client.answer())
            #expect(refusal.status == 400 && refusal.closes)
            #expect(try await client.answer() == nil)
            #expect(test.observer.seen.last == "refused forwarded_malformed")
            #expect(
                test.observer.clients == [
                    "192.0.2.1 by 127.0.0.1", "192.0.2.2 by 127.0.0.1", "127.0.0.1", "127.0.0.1",
                    "192.0.2.3 by 127.0.0.1", "127.0.0.1",
                ]
            )
        }
    }

    @Test("nobody else is believed, neither a field nor a header", arguments: [true, false])
    func strangers(hasTrusted: Bool) async throws {
        let peers = hasTrusted ? TrustedPeers([.unix, .ipv4(0x7f00_0002, prefix: 32)]) : TrustedPeers()
        let forwarding = ForwardingTrust(peers: peers, field: .forwarded)
        try await TestServer.run(forwarding: forwarding, expectsProxyHeader: true) { test in
            let client = try test.client()
            try await client.send(get("/who", "Forwarded: for=192.0.2.1") + get("/2", "Forwarded: ="))
            #expect(try await client.answer()?.body.hasPrefix("127.0.0.1:") == true)
            #expect(try await client.answer()?.status == 200)
            let other = try test.client()
            try await other.send(Self.line + get("/who"))
            #expect(try await other.answers().map(\.status) == [400])
            #expect(test.observer.clients == ["127.0.0.1", "127.0.0.1", "127.0.0.1"])
            #expect(test.observer.seen.last == "refused version_malformed")
        }
    }

    @Test("a trusted peer on a Unix socket is believed")
    func unix() async throws {
        let forwarding = ForwardingTrust(peers: TrustedPeers([.unix]), field: .xForwardedFor)
        try await TestServer.run(.unix(), forwarding: forwarding) { test in
            let client = try test.client()
            try await client.send(get("/who", "X-Forwarded-For: 2001:db8::1"))
            #expect(try await client.answer()?.body == "[2001:db8::1]:0")
            #expect(test.observer.clients == ["2001:db8::1 by unix"])
        }
    }

    @Test("a header of the PROXY protocol names the client of all requests, however it is cut")
    func header() async throws {
        try await TestServer.run(forwarding: ForwardingTrust(peers: Self.local), expectsProxyHeader: true) { test in
            for (header, who) in [
                (Self.line, "192.0.2.1:1234"), (Self.binary, "10.1.2.3:7"), ("PROXY UNKNOWN\r\n", "127.0.0.1:"),
            ] {
                let client = try test.client()
                try await client.send(header + get("/who") + get("/who"))
                for _ in 0..<2 { #expect(try await client.answer()?.body.hasPrefix(who) == true) }
                let slow = try test.client()
                for character in (header + get("/who")).unicodeScalars { try await slow.send(String(character)) }
                #expect(try await slow.answer()?.body.hasPrefix(who) == true)
                // It comes once.
                try await slow.send(header)
                #expect(try await slow.answers().map(\.closes) == [true])
            }
        }
    }

    @Test("where the header's client is a trusted proxy itself, its field is looked at")
    func both() async throws {
        let peers = TrustedPeers(Self.local.entries + [.ipv4(0xc000_0201, prefix: 32)])
        let forwarding = ForwardingTrust(peers: peers, field: .forwarded)
        try await TestServer.run(forwarding: forwarding, expectsProxyHeader: true) { test in
            let client = try test.client()
            try await client.send(Self.line + get("/who", "Forwarded: for=203.0.113.7") + get("/who"))
            #expect(try await client.answer()?.body == "203.0.113.7:0")
            #expect(try await client.answer()?.body == "192.0.2.1:1234")
            let other = try test.client()
            try await other.send(Self.binary + get("/who", "Forwarded: for=203.0.113.7"))
            #expect(try await other.answer()?.body == "10.1.2.3:7")
        }
    }

    @Test("what is no such header is refused, and nothing behind it is executed")
    func malformed() async throws {
        try await TestServer.run(forwarding: ForwardingTrust(peers: Self.local), expectsProxyHeader: true) { test in
            for text in [get("/1"), "PROXY TCP4 192.0.2.1\r\n" + get("/1"), "\r\n\r\n\0\r\nQUIT!" + get("/1")] {
                let client = try test.client()
                try await client.send(text)
                let answers = try await client.answers()
                #expect(answers.map(\.status) == [400] && answers[0].closes, "\(text)")
                #expect(answers.first?.body.contains("PROXY protocol") == true)
            }
            #expect(test.observer.seen == Array(repeating: "refused proxy_header_malformed", count: 3))
        }
    }

    @Test("a header that does not come, or not whole, has the header's deadline", arguments: ["", "PROXY TCP4 192"])
    func deadline(part: String) async throws {
        let timeouts = ConnectionTimeouts(header: .milliseconds(200), request: .seconds(60))
        try await TestServer.run(
            timeouts: timeouts,
            forwarding: ForwardingTrust(peers: Self.local),
            expectsProxyHeader: true
        ) { test in
            let client = try test.client()
            try await client.send(part)
            #expect(try await client.answers().map(\.status) == [408])
        }
    }

    @Test("a restart keeps who the client is, in work and idle, and the header that has to come yet")
    func handOver() async throws {
        let (listener, keeper) = (try TestListener.tcp(), MemoryKeeper())
        let forwarding = ForwardingTrust(peers: Self.local, field: .xForwardedFor)
        let timeouts = ConnectionTimeouts(header: .seconds(60), request: .seconds(60), drainGrace: .milliseconds(50))
        let (idle, working, field, half) = (
            try Client(listener), try Client(listener), try Client(listener), try Client(listener)
        )
        // Longer than what is kept whole of a head.
        let long = (0..<20).map { "X-\($0): \(String(repeating: "x", count: 100))\r\n" }.joined()
        let request = "GET /hold/who HTTP/1.1\r\nHost: a\r\n\(long)X-Forwarded-For: 203.0.113.7\r\n\r\n"
        try await TestServer.run(listener, timeouts: timeouts, forwarding: forwarding, expectsProxyHeader: true) {
            first in
            try await idle.send(Self.line + get("/who"))
            #expect(try await idle.answer()?.body == "192.0.2.1:1234")
            try await working.send(Self.binary + get("/hold/who"))
            try await field.send("PROXY UNKNOWN\r\n" + request)
            try await half.send("PROXY TCP4 192.")
            try await eventually("all of it has come") {
                first.gate.waiting == 2 && first.server.counts.connections == 4
            }
            #expect(await first.server.drain(timeout: .seconds(20), to: keeper) == HTTPServer.DrainResult())
        }
        let connections = keeper.takeAll()
        #expect(connections.map(\.awaitsProxyHeader).count(where: \.self) == 1)
        try await TestServer.run(listener, timeouts: timeouts, forwarding: forwarding, expectsProxyHeader: true) {
            second in
            #expect(await second.server.takeUp(connections) == 4)
            try await idle.send(get("/who"))
            #expect(try await idle.answer()?.body == "192.0.2.1:1234")
            try await half.send("0.2.1 198.51.100.1 99 80\r\n" + get("/who"))
            #expect(try await half.answer()?.body == "192.0.2.1:99")
            try await eventually("the requests are in work again") { second.gate.waiting == 2 }
            second.gate.release()
            #expect(try await working.answer()?.body == "10.1.2.3:7")
            #expect(try await field.answer()?.body == "203.0.113.7:0")
            #expect(second.observer.clients.contains("203.0.113.7 by 127.0.0.1"))
        }
    }
}
