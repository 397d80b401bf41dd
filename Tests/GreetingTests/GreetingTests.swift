import Greeting
import HTTPTypes
import Synchronization
import Testing

@testable import HTTPServer

/// A clock that only notes how long it was asked to wait.
private final class ManualClock: RequestClock {
    private let asked = Mutex<[Duration]>([])

    var waits: [Duration] { asked.withLock { $0 } }

    func sleep(for duration: Duration) async throws {
        asked.withLock { $0.append(duration) }
        try Task.checkCancellation()
    }
}

@Suite("The greeting's routes")
struct GreetingTests {
    private let clock = ManualClock()
    private let service = GreetingService(settings: GreetingService.Settings(delay: .seconds(2)))

    /// What the service answers to a request line, without a socket.
    private func respond(_ line: String, isDraining: Bool = false) async throws -> Response {
        var parser = RequestParser(limits: RequestLimits())
        guard case .head(let head) = try parser.next(Array("\(line) HTTP/1.1\r\nHost: a\r\n\r\n".utf8).span).step else {
            throw CancellationError()
        }
        return try await service.respond(
            to: Request(head: head, id: .caller("a"), listener: "http", clock: clock, isDraining: isDraining)
        )
    }

    private static func text(_ response: Response) -> String { String(decoding: response.body, as: UTF8.self) }
    private static func head(_ response: Response) -> [String] {
        String(decoding: response.head, as: UTF8.self).split(separator: "\r\n").map(String.init)
    }

    @Test(
        "GET / waits as configured, then greets, byte for byte",
        arguments: ["GET /", "GET /?a=b", "GET http://a", "HEAD /"]
    )
    func greets(line: String) async throws {
        let response = try await respond(line)
        #expect(clock.waits == [.seconds(2)])
        #expect(response.status == .ok)
        #expect(Self.text(response) == #"{"Hello":"World"}"#)
        #expect(Self.head(response) == ["HTTP/1.1 200 OK", "Content-Type: application/json", "Content-Length: 17"])
        #expect(response.route == "/")
    }

    @Test("a changed delay counts from the next request on")
    func updates() async throws {
        _ = try await respond("GET /")
        service.update(GreetingService.Settings(delay: .zero))
        _ = try await respond("GET /")
        // No delay is no wait.
        #expect(clock.waits == [.seconds(2)])
        #expect(GreetingService.Settings().delay == .seconds(1))
    }

    @Test("a cancelled request ends with CancellationError")
    func cancelled() async throws {
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await respond("GET /")
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test("health needs no wait; readiness is over when the server drains")
    func health() async throws {
        for (line, isDraining, status, body) in [
            ("GET /healthz", false, 200, #"{"status":"alive"}"#), ("GET /healthz", true, 200, #"{"status":"alive"}"#),
            ("GET /readyz", false, 200, #"{"status":"ready"}"#), ("GET /readyz", true, 503, #"{"status":"draining"}"#),
            ("HEAD /readyz", true, 503, #"{"status":"draining"}"#),
        ] {
            let response = try await respond(line, isDraining: isDraining)
            #expect(response.status.code == status, "\(line)")
            #expect(Self.text(response) == body)
            #expect(response.route == line.split(separator: " ").last.map(String.init))
        }
        #expect(clock.waits.isEmpty)
    }

    @Test(
        "an unknown path is 404",
        arguments: [
            "/nope", "//", "/healthz/", "/Healthz", "/%2Fhealthz", "/healthz%2F", "/healthz%00", "/readyz/x",
            "/healthz;a",
        ]
    )
    func notFound(path: String) async throws {
        for method in ["GET", "POST", "OPTIONS", "HEAD"] {
            let response = try await respond("\(method) \(path)")
            #expect(response.status == .notFound)
            #expect(Self.text(response) == #"{"detail":"Not Found"}"#)
            #expect(response.route == nil)
        }
    }

    @Test(
        "another method is 405, with what is allowed (RFC 9110 section 15.5.6)",
        arguments: ["/", "/healthz", "/readyz"]
    )
    func methodNotAllowed(path: String) async throws {
        for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE", "QUERY", "PROPFIND"] {
            let response = try await respond("\(method) \(path)")
            #expect(response.status == .methodNotAllowed)
            #expect(Self.text(response) == #"{"detail":"Method Not Allowed"}"#)
            #expect(Self.head(response).contains("Allow: GET, HEAD, OPTIONS"))
            #expect(response.route == path)
        }
    }

    @Test(
        "OPTIONS tells what is allowed, of a path and of the server",
        arguments: [
            ("/", ""), ("/healthz", ""), ("/readyz", ""), ("*", ", POST"), ("http://a", ", POST"),
        ]
    )
    func options(target: String, more: String) async throws {
        let response = try await respond("OPTIONS \(target)")
        #expect(response.status == .noContent)
        #expect(response.body.isEmpty)
        #expect(Self.head(response) == ["HTTP/1.1 204 No Content", "Allow: GET, HEAD, OPTIONS\(more)"])
    }

    @Test("CONNECT is 405")
    func connect() async throws {
        let response = try await respond("CONNECT a:443")
        #expect(response.status == .methodNotAllowed)
        #expect(Self.head(response).contains("Allow: GET, HEAD, OPTIONS, POST"))
    }

    @Test("health and readiness are answered whatever else is in work")
    func alwaysAnswered() throws {
        let service = GreetingService(settings: .init())
        for (line, isAlways) in [
            ("GET /healthz", true), ("HEAD /readyz", true), ("GET /readyz?a=1", true), ("GET /", false),
            ("GET /healthz/", false), ("GET /metrics", false), ("GET /aggregate", false),
        ] {
            #expect(service.isAlwaysAnswered(try request(line).head) == isAlways, "\(line)")
        }
    }
}
