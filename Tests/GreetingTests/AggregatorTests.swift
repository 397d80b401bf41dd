import HTTPTypes
import Synchronization
import Testing

@testable import Greeting
@testable import HTTPServer

/// Upstreams that answer when the test lets them.
private final class HeldClient: UpstreamClient {
    private struct State {
        var begun: [String] = []
        var cancelled: [String] = []
        var fields: [[String]] = []
        var streams: [String: AsyncStream<Result<UpstreamAnswer, UpstreamFailure>>.Continuation] = [:]
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var begun: [String] { state.withLock { $0.begun } }
    var cancelled: [String] { state.withLock { $0.cancelled } }
    var fields: [[String]] { state.withLock { $0.fields } }

    func get(_ upstream: Upstream, fields: [(String, String)], maximumBody: Int) async throws -> UpstreamAnswer {
        let (stream, continuation) = AsyncStream.makeStream(of: Result<UpstreamAnswer, UpstreamFailure>.self)
        let ready = state.withLock { state in
            state.begun.append(upstream.name)
            state.fields.append(fields.map { "\($0): \($1)" })
            state.streams[upstream.name] = continuation
            let ready = state.watchers.filter { $0.count <= state.begun.count }
            state.watchers.removeAll { $0.count <= state.begun.count }
            return ready
        }
        for watcher in ready { watcher.continuation.resume() }
        for await result in stream { return try result.get() }
        state.withLock { $0.cancelled.append(upstream.name) }
        throw CancellationError()
    }

    /// Returns once so many calls have begun.
    func hasBegun(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.begun.count >= count { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    func answer(_ name: String, _ status: Int = 200, _ body: String = "{}") {
        state.withLock { $0.streams[name] }?.yield(.success(UpstreamAnswer(status: status, body: Array(body.utf8))))
    }

    func fail(_ name: String) {
        state.withLock { $0.streams[name] }?.yield(.failure(UpstreamFailure(type: "connect", message: "No.")))
    }
}

@Suite("Fan-out, without a socket", .timeLimit(.minutes(1)))
struct AggregatorTests {
    private let client = HeldClient()
    private let clock = HeldClock()

    private func service(_ names: [String], _ aggregation: AggregationSettings = .init()) -> GreetingService {
        GreetingService(
            settings: GreetingService.Settings(
                upstreams: names.map { Upstream(name: $0, url: "http://\($0)") },
                aggregation: aggregation
            ),
            parts: GreetingService.Parts(aggregator: Aggregator(client: client))
        )
    }

    private func begin(_ service: GreetingService, fields: String = "") throws -> Task<Response, any Error> {
        let request = try request("GET /aggregate", fields: fields, clock: clock)
        return Task { try await service.respond(to: request) }
    }

    @Test("all are called before any has answered, and told in the order of the configuration")
    func together() async throws {
        let task = try begin(service(["a", "b", "c"]))
        await client.hasBegun(3)
        client.answer("c", 200, "[3]")
        client.answer("a", 200, " 1 ")
        client.fail("b")
        let response = try await task.value
        #expect(response.status == .ok)
        let shape = response.text.replacing(#/"elapsed_ms":[0-9]+/#, with: "T")
        #expect(
            shape
                == #"{"sources":{"a":{"status":200,T,"body": 1 },"b":{"status":null,T,"error":{"type":"connect","msg":"No."}},"#
                + #""c":{"status":200,T,"body":[3]}}}"#
        )
    }

    @Test("one that is late is given up; the others' answers stay")
    func late() async throws {
        let task = try begin(service(["a", "b"]))
        await client.hasBegun(2)
        client.answer("a")
        clock.pass(.seconds(2))
        let response = try await task.value
        #expect(response.status == .ok)
        #expect(response.text.contains("There was no answer within 2 s."))
        #expect(client.cancelled == ["b"])
    }

    @Test("no more calls than are allowed, and the deadline of all counts while one waits for its turn")
    func places() async throws {
        let task = try begin(service(["a", "b", "c"], AggregationSettings(maximumCalls: 2)))
        await client.hasBegun(2)
        let first = client.begun
        client.answer(first[0])
        await client.hasBegun(3)
        for name in client.begun { client.answer(name) }
        #expect(try await task.value.status == .ok)

        let stuck = try begin(service(["d", "e"], AggregationSettings(timeout: .seconds(4), maximumCalls: 1)))
        await client.hasBegun(4)
        clock.pass(.seconds(5))
        let response = try await stuck.value
        #expect(response.status == .badGateway)
        #expect(client.begun.count == 4)
    }

    @Test("a client that goes away cancels every call")
    func cancelled() async throws {
        let task = try begin(service(["a", "b"]))
        await client.hasBegun(2)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(Set(client.cancelled) == ["a", "b"])
    }

    @Test("an answer that is no JSON, or no success, is a failure that says so")
    func unusable() async throws {
        let task = try begin(service(["html", "error"]))
        await client.hasBegun(2)
        client.answer("html", 200, "<html>")
        client.answer("error", 500, #"{"a":1}"#)
        let response = try await task.value
        #expect(response.status == .badGateway)
        #expect(response.text.contains(#""type":"not_json""#) && !response.text.contains("<html>"))
        #expect(response.text.contains(#""body":{"a":1},"error":{"type":"status","msg":"The status is 500."}"#))
    }

    @Test("without upstreams, or without a way to call them, it says what is missing")
    func none() async throws {
        for service in [
            service([]), GreetingService(settings: .init(upstreams: [Upstream(name: "a", url: "http://a")])),
        ] {
            let response = try await service.respond(to: request("GET /aggregate"))
            #expect(response.status == .serviceUnavailable)
            #expect(response.text.contains("aggregate.upstreams"))
        }
    }

    @Test("the trace and the request's name go with each call")
    func trace() async throws {
        let trace = "0af7651916cd43dd8448eb211c80319c"
        let task = try begin(service(["a"]), fields: "traceparent: 00-\(trace)-b7ad6b7169203331-01\r\n")
        await client.hasBegun(1)
        client.answer("a")
        _ = try await task.value
        let fields = try #require(client.fields.first)
        #expect(fields[0] == "X-Request-ID: mine")
        let parent = try #require(TraceParent(String(fields[1].dropFirst("traceparent: ".count))))
        #expect(parent.traceID == trace && parent.parentID != "b7ad6b7169203331" && parent.flags == "01")
    }

    @Test("a trace that begins here is named like the request, where that is a random number")
    func newTrace() throws {
        let id = RequestID.generated(high: 1, low: 2)
        for value in [nil, "", "00-\(String(repeating: "0", count: 32))-b7ad6b7169203331-01", "ff-a-b-c"] {
            let trace = TraceParent(continuing: value, id: id)
            #expect(trace.traceID == id.description)
            #expect(TraceParent(trace.description) == trace)
            #expect(TraceParent(TraceParent(continuing: value, id: .caller("a")).description) != nil)
        }
    }
}
