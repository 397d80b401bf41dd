import HTTPTypes
import Synchronization
import Testing

@testable import Greeting
@testable import HTTPEndpoints
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

    func answer(_ name: String, _ status: Int = 200, _ body: String = "{}", coding: String? = nil) {
        state.withLock { $0.streams[name] }?.yield(
            .success(
                UpstreamAnswer(
                    status: status,
                    body: Array(body.utf8),
                    isJSON: JSONText.isValid(Array(body.utf8)),
                    coding: coding
                )
            )
        )
    }

    func fail(_ name: String) {
        state.withLock { $0.streams[name] }?.yield(.failure(UpstreamFailure(.connect, "No.", code: 111)))
    }
}

/// Keeps what it hears.
private final class Calls: UpstreamObserver {
    private let calls = Mutex<[UpstreamCall]>([])

    var seen: [String] {
        calls.withLock { calls in
            calls.map {
                "\($0.upstream.name) \($0.requestID) \($0.failure?.kind.rawValue ?? "ok") \($0.failure?.code ?? 0)"
            }
        }
    }

    func ended(_ call: UpstreamCall) { calls.withLock { $0.append(call) } }
}

@Suite("Fan-out, without a socket", .timeLimit(.minutes(1)))
struct AggregatorTests {
    private let client = HeldClient()
    private let clock = HeldClock()
    private let calls = Calls()
    private let aggregator: Aggregator

    init() {
        aggregator = Aggregator(client: client, observer: calls)
    }

    private func settings(_ names: [String], _ aggregation: AggregationSettings) -> GreetingService.Settings {
        GreetingService.Settings(
            upstreams: names.map { Upstream(name: $0, url: "http://\($0)") },
            aggregation: aggregation
        )
    }

    private func service(_ names: [String], _ aggregation: AggregationSettings = .init()) -> GreetingService {
        GreetingService(
            settings: settings(names, aggregation),
            aggregator: aggregator
        )
    }

    private func begin(_ service: GreetingService, fields: String = "") throws -> Task<Response, any Error> {
        let request = try request("GET /aggregate", fields: fields, clock: clock)
        return Task { try await service.respond(to: request) }
    }

    @Test("a request that another process had in work has what is left of its times, and a little at least")
    func lessened() {
        let settings = AggregationSettings(timeout: .seconds(2), deadline: .seconds(5))
        #expect(settings.lessened(by: .zero) == settings)
        let late = settings.lessened(by: .milliseconds(1200))
        #expect(late.timeout == .milliseconds(800) && late.deadline == .milliseconds(3800))
        let last = settings.lessened(by: .seconds(9))
        #expect(last.timeout == .milliseconds(400) && last.deadline == .milliseconds(400))
        // One that is shorter than that is not prolonged.
        let short = AggregationSettings(timeout: .milliseconds(100), deadline: .milliseconds(100))
        #expect(short.lessened(by: .seconds(1)) == short)
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

    @Test("content that is coded all the same is told by its coding, and not passed on")
    func coded() async throws {
        let task = try begin(service(["a"]))
        await client.hasBegun(1)
        client.answer("a", 200, "{}", coding: "gzip")
        let response = try await task.value
        #expect(response.status == .badGateway)
        #expect(response.text.contains(#""error":{"type":"content_coding","msg":"The content is coded (gzip)"#))
        #expect(!response.text.contains(#""body""#))
    }

    @Test("where the calls of a request would be more than may wait, it is told to come back, and nothing is called")
    func tooMany() async throws {
        let service = service(["a", "b", "c"], AggregationSettings(maximumCalls: 2, maximumWaitingCalls: 2))
        let first = try begin(service)
        await client.hasBegun(2)
        let response = try await begin(service).value
        #expect(response.status == .serviceUnavailable)
        #expect(response.text.hasPrefix(#"{"detail":""#))
        #expect(String(decoding: response.head, as: UTF8.self).contains("\r\nRetry-After: 1\r\n"))
        #expect(client.begun.count == 2)
        client.answer(client.begun[0])
        await client.hasBegun(3)
        for name in client.begun { client.answer(name) }
        _ = try await first.value
        // Alone a request always has room, and what has ended has left its own.
        service.update(settings(["a", "b", "c"], AggregationSettings(maximumCalls: 1, maximumWaitingCalls: 0)))
        let alone = try begin(service)
        await client.hasBegun(4)
        alone.cancel()
        await #expect(throws: CancellationError.self) { try await alone.value }
        #expect(aggregator.calls == (inWork: 0, waiting: 0))
    }

    @Test("a reload that allows more calls wakes those that wait, and no more than it allows")
    func moreCalls() async throws {
        let names = (0..<5).map(String.init)
        let service = service(names, AggregationSettings(maximumCalls: 1))
        let task = try begin(service)
        await client.hasBegun(1)
        while aggregator.calls.waiting < 4 { await Task.yield() }
        service.update(settings(names, AggregationSettings(maximumCalls: 3)))
        #expect(aggregator.calls == (inWork: 3, waiting: 2))
        await client.hasBegun(3)
        service.update(settings(names, AggregationSettings(maximumCalls: 5)))
        await client.hasBegun(5)
        for name in names { client.answer(name) }
        #expect(try await task.value.status == .ok)
    }

    @Test("each call that has ended is told with what came of it; one that was given up for its client is not")
    func observed() async throws {
        let task = try begin(service(["a", "b", "c", "d"]))
        await client.hasBegun(4)
        client.answer("a")
        client.fail("b")
        client.answer("c", 500)
        while calls.seen.count < 3 { await Task.yield() }
        clock.pass(.seconds(2))
        _ = try await task.value
        #expect(Set(calls.seen) == ["a mine ok 0", "b mine connect 111", "c mine status 0", "d mine timeout 0"])
        let gone = try begin(service(["a"]))
        await client.hasBegun(5)
        gone.cancel()
        await #expect(throws: CancellationError.self) { try await gone.value }
        #expect(calls.seen.count == 4)
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

    @Test(
        "the state of a trace goes with it, and not without it",
        arguments: [
            ("tracestate: a=1,b@c=2 \r\n", "a=1,b@c=2"),
            ("tracestate: a=1\r\nX: y\r\ntracestate: , b=2\r\n", "a=1,b=2"),
            ("", nil), ("tracestate:\r\n", nil), ("tracestate: a\r\n", nil), ("tracestate: a=\u{e9}\r\n", nil),
            ("tracestate: \((0..<33).map { "k\($0)=v" }.joined(separator: ","))\r\n", nil),
        ] as [(String, String?)]
    )
    func traceState(fields: String, passed: String?) async throws {
        let parents = [
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "00-\(String(repeating: "0", count: 32))-b7-01",
        ]
        for (number, parent) in parents.enumerated() {
            let task = try begin(service(["a"]), fields: "traceparent: \(parent)\r\n\(fields)")
            await client.hasBegun(number + 1)
            client.answer("a")
            _ = try await task.value
            let state = client.fields[client.fields.count - 1].first { $0.hasPrefix("tracestate: ") }
            #expect(state == (parent.hasPrefix("00-0a") ? passed.map { "tracestate: \($0)" } : nil))
        }
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
