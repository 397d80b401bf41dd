import HTTPEndpoints
import HTTPEndpointsTesting
import Testing

@Suite("Answers")
struct AnswerTests {
    /// An error that says itself how it is answered.
    struct Busy: AnsweredError {
        var response: Response { HTTPError(.tooManyRequests, "Busy.", fields: [.retryAfter: "3"]).response }
    }

    struct Unknown: Error {}

    private let client = EndpointsClient([
        Endpoint(.post, "/made", status: .created) { _ in ["a": 1] },
        Endpoint(.delete, "/gone") { _ in NoContent() },
        Endpoint(.get, "/text") { _ in "text" },
        Endpoint(.get, "/octets") { _ in Octets([1, 2]) },
        Endpoint(.get, "/own") { _ in Answer("own", status: .accepted, fields: [.location: "/x"]) },
        Endpoint(.get, "/failed") { _ -> String in
            throw HTTPError(.conflict, "It is there.", fields: [.retryAfter: "7"])
        },
        Endpoint(.get, "/busy") { _ -> String in throw Busy() },
        Endpoint(.get, "/at-once") { _ -> Outcome<String> in throw Busy() },
        Endpoint(.get, "/unknown") { _ -> String in throw Unknown() },
        Endpoint(.get, "/wait") { request in
            try await request.clock.sleep(for: .seconds(1))
            return "waited"
        },
    ])

    @Test("an answer has the endpoint's status and the type of its content")
    func statuses() async throws {
        let made = try await client.send(.post, "/made")
        #expect(made.status == .created && made.text == #"{"a":1}"#)
        #expect(made.field("content-type") == "application/json")
        let text = try await client.send(.get, "/text")
        #expect(text.status == .ok && text.text == "text" && text.route == "/text")
        #expect(text.field("content-type") == "text/plain; charset=utf-8")
        let octets = try await client.send(.get, "/octets")
        #expect(octets.body == [1, 2] && octets.field("content-type") == "application/octet-stream")
        let own = try await client.send(.get, "/own")
        #expect(own.status == .accepted && own.text == "own" && own.field("Location") == "/x")
    }

    @Test("an answer without content has 204, and no type of it")
    func noContent() async throws {
        let gone = try await client.send(.delete, "/gone")
        #expect(gone.status == .noContent && gone.body.isEmpty)
        #expect(gone.field("Content-Type") == nil && gone.field("Content-Length") == nil)
    }

    @Test("an error with an answer of its own is answered with it, its fields included")
    func errors() async throws {
        let failed = try await client.send(.get, "/failed")
        #expect(failed.status == .conflict && failed.text == #"{"detail":"It is there."}"#)
        #expect(failed.field("Retry-After") == "7" && failed.route == "/failed")
        for path in ["/busy", "/at-once"] {
            let busy = try await client.send(.get, path)
            #expect(busy.status == .tooManyRequests && busy.field("Retry-After") == "3" && busy.route == path)
        }
    }

    @Test("any other error is the client's to see, as a server would tell it in its journal")
    func unknown() async throws {
        await #expect(throws: Unknown.self) { try await client.send(.get, "/unknown") }
    }

    @Test("a clock that the test moves holds a handler until then")
    func clock() async throws {
        let clock = ManualClock()
        let client = EndpointsClient(
            [
                Endpoint(.get, "/wait") { request in
                    try await request.clock.sleep(for: .seconds(1))
                    return "waited"
                }
            ],
            clock: clock
        )
        async let answer = client.send(.get, "/wait")
        await clock.advance(by: .milliseconds(999), whenWaiting: 1)
        #expect(clock.waiting == 1)
        await clock.advance(by: .milliseconds(1))
        #expect(clock.waiting == 0)
        #expect(try await answer.text == "waited")
        // Who is cancelled waits no longer.
        let given = Task { try await clock.sleep(for: .seconds(1)) }
        await clock.advance(by: .zero, whenWaiting: 1)
        given.cancel()
        await #expect(throws: CancellationError.self) { try await given.value }
        #expect(clock.waiting == 0)
    }

    @Test("on the clock that a client has by itself, no time passes")
    func instantly() async throws {
        #expect(try await client.send(.get, "/wait").text == "waited")
    }
}
