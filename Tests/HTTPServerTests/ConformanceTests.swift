import Testing

@testable import HTTPServer

/// The table over real sockets: what a suite of somebody else's would send, and what it would accept.
@Suite("Conformance")
struct ConformanceTests {
    @Test("every case gets its answers, and nothing behind a lost frame is executed")
    func table() async throws {
        try #require(ConformanceTable.all.count > 600)
        try await TestServer.run { test in
            for one in ConformanceTable.all {
                let client = try test.client()
                defer { client.close() }
                try await client.send(one.octets + ConformanceCase.sentinel)
                let answers = try await Self.answers(client, one)
                let expected = one.statuses + (one.keeps ? [200] : [])
                #expect(answers.map(\.status) == expected, "\(one)")
                #expect(answers.last?.closes == true, "the last answer does not say so: \(one)")
                #expect(answers.last?.body == "/sentinel" || !one.keeps, "\(one)")
            }
        }
    }

    /// The final answers to a case, and to what stands behind it; none of what the table sends repeats HEAD's trap.
    private static func answers(_ client: Client, _ one: ConformanceCase) async throws -> [Answer] {
        var answers: [Answer] = []
        let heads = one.octets.split(separator: "\r\n").filter { $0.hasPrefix("GET ") || $0.hasPrefix("HEAD ") }
        while true {
            let isToHead = answers.count < heads.count && heads[answers.count].hasPrefix("HEAD ")
            guard let answer = try await client.answer(withoutBody: isToHead) else { return answers }
            if answer.status != 100 { answers.append(answer) }
        }
    }

    @Test(
        "a refusal of HEAD has no content (RFC 9110 section 9.3.2)",
        arguments: [
            "HEAD / HTTP/1.1\r\n\r\n", "HEAD /# HTTP/1.1\r\n", "HEAD / HTTP/3.0\r\n", "HEAD / HTTP/1.1\r\nA : b\r\n",
        ]
            + [
                "HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999\r\n\r\n", "\r\nHEAD / HTTP/1.1\n",
                "HEAD / HTTP/1.1\r\nHost",
            ]
    )
    func refusedHead(octets: String) async throws {
        try await TestServer.run { test in
            let client = try test.client()
            try await client.send(octets)
            client.endHalf()
            let answer = try #require(try await client.answer(withoutBody: true))
            #expect(answer.status >= 400)
            #expect(answer.closes)
            // Content would be taken for another answer.
            #expect(try await client.answer() == nil)
        }
    }
}
