import HTTPEndpoints
import HTTPEndpointsTesting
import Testing

@Suite("Endpoints by path and method")
struct RoutingTests {
    private let endpoints = [
        Endpoint(.get, "/notes") { _ in "all" },
        Endpoint(.post, "/notes") { _ in "added" },
        Endpoint(.put, "/notes/{id}", parameters: .path("id", .integer(0...9))) { _, id in "\(id)" },
        Endpoint(.post, "/search", mayRepeat: true) { _ in "found" },
        Endpoint(.get, "/once", mayRepeat: false) { _ in "once" },
        Endpoint(.get, "/secret", audience: .administrators) { _ in "secret" },
    ]

    @Test("HEAD goes where GET does, OPTIONS and other methods are answered with what is allowed")
    func methods() async throws {
        let client = EndpointsClient(endpoints)
        #expect(try await client.send(.head, "/notes").status == .ok)
        let options = try await client.send(.options, "/notes")
        #expect(options.status == .noContent && options.field("Allow") == "GET, HEAD, OPTIONS, POST")
        let refused = try await client.send(.delete, "/notes")
        #expect(refused.status == .methodNotAllowed && refused.field("Allow") == "GET, HEAD, OPTIONS, POST")
        #expect(refused.route == "/notes")
        #expect(try await client.send(.head, "/notes/1").status == .methodNotAllowed)
        #expect(try await client.send(.put, "/notes/1").text == "1")
        let none = try await client.send(.get, "/nothing")
        #expect(none.status == .notFound && none.route == nil)
    }

    @Test("what is for administrators is found on their listener alone")
    func audience() async throws {
        #expect(try await EndpointsClient(endpoints).send(.get, "/secret").status == .notFound)
        #expect(try await EndpointsClient(endpoints, listener: "admin").send(.get, "/secret").text == "secret")
    }

    @Test("whether a request may be asked again is what its endpoint says, or its method")
    func repeating() throws {
        let description = APIDescription(title: "test", version: "0")
        let service = EndpointService(endpoints, parts: .init(description: description))
        for (line, mayRepeat) in [
            ("GET /notes", true), ("POST /notes", false), ("PUT /notes/1", true), ("POST /search", true),
            ("GET /once", false), ("HEAD /once", false), ("GET /nothing", true),
        ] {
            let head = try RequestHead(parsing: Array("\(line) HTTP/1.1\r\nHost: test\r\n\r\n".utf8))
            #expect(service.mayRepeat(head) == mayRepeat, "\(line)")
        }
    }

    @Test("every service has health, readiness, the document and its page; metrics are for administrators")
    func standard() async throws {
        let client = EndpointsClient(endpoints)
        for path in ["/healthz", "/readyz", "/openapi.json", "/docs"] {
            #expect(try await client.send(.get, path).status == .ok, "\(path)")
        }
        #expect(try await client.send(.get, "/metrics").status == .notFound)
        #expect(try await EndpointsClient(endpoints, listener: "admin").send(.get, "/metrics").status == .ok)
    }
}
