import Glibc
import HTTPTypes
import Synchronization
import Testing

@testable import HTTPServer

/// Requests held until the test lets them go: a clock without time.
final class Gate: RequestClock {
    private struct State {
        var waiting: [(id: Int, continuation: CheckedContinuation<Void, any Error>)] = []
        var cancelledEarly: Set<Int> = []
        var next = 0
        var cancelled = 0
        var isOpen = false
    }

    private let state = Mutex(State())

    var waiting: Int { state.withLock { $0.waiting.count } }
    var cancelled: Int { state.withLock { $0.cancelled } }

    func sleep(for duration: Duration) async throws {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isDone = state.withLock { state in
                    if state.isOpen || state.cancelledEarly.contains(id) { return true }
                    state.waiting.append((id, continuation))
                    return false
                }
                if isDone { continuation.resume() }
            }
            try Task.checkCancellation()
        } onCancel: {
            let continuation = state.withLock { state in
                state.cancelled += 1
                state.cancelledEarly.insert(id)
                let index = state.waiting.firstIndex { $0.id == id }
                return index.map { state.waiting.remove(at: $0).continuation }
            }
            continuation?.resume(throwing: CancellationError())
        }
    }

    /// Lets those go that wait now.
    func release() {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        for (_, continuation) in waiting { continuation.resume() }
    }

    /// Lets all go, and holds none any more.
    func open() {
        state.withLock { $0.isOpen = true }
        release()
    }
}

/// Answers with the path. `/hold` waits for the gate, `/throw` throws, `/large` has a large body, `/who` and `/hold/who` the client's address, `/drains` whether the
/// server drains; `/always` is answered whatever else is in work, `/task` answers from a
/// task that waits for nothing. What begins with `/content`, `/hold/content` or `/after/content` takes content and answers
/// with it, `/after` a minute later.
struct TestResponder: Responder {
    struct Failure: Error {}

    let gate: Gate

    func reply(to request: Request) -> Reply {
        if request.head.path.hasPrefix("/after") { return .after(.seconds(60), Self.answer(to: request)) }
        let isWaiting = ["/hold", "/throw", "/later", "/task"].contains { request.head.path.hasPrefix($0) }
        return isWaiting ? .later { try await answer(to: request) } : .now(Self.answer(to: request))
    }

    private func answer(to request: Request) async throws -> Response {
        if request.head.path.hasPrefix("/hold") { try await gate.sleep(for: .zero) }
        if request.head.path == "/throw" { throw Failure() }
        if request.head.path == "/later" { try await request.clock.sleep(for: .seconds(60)) }
        return Self.answer(to: request)
    }

    func isAlwaysAnswered(_ head: RequestHead) -> Bool { head.pathEquals("/always") }

    func takesContent(_ head: RequestHead) -> Bool {
        ["/content", "/hold/content", "/after/content"].contains { head.path.hasPrefix($0) }
    }

    private static func answer(to request: Request) -> Response {
        // Of one that was not to be gathered, it shows.
        if !request.content.isEmpty {
            return Response(status: .ok, contentType: "text/plain", body: request.content, route: "/")
        }
        let body =
            switch request.head.path {
            case "/large": String(repeating: "x", count: 65536)
            case "/who", "/hold/who": request.remote.description
            case "/drains": "\(request.isDraining)"
            default: request.head.path
            }
        return Response(status: .ok, contentType: "text/plain", body: Array(body.utf8), route: "/")
    }
}

/// What the server told its observer.
final class TestObserver: ServerObserver {
    private let events = Mutex<[String]>([])

    private let addresses = Mutex<[String]>([])

    var seen: [String] { events.withLock { $0 } }
    /// The host of each client that was answered or refused, with that of its proxy.
    var clients: [String] { addresses.withLock { $0 } }

    private func note(_ remote: ClientAddress, _ proxy: ClientAddress?) {
        addresses.withLock { $0.append(remote.host + (proxy.map { " by \($0.host)" } ?? "")) }
    }

    private func note(_ event: String) { events.withLock { $0.append(event) } }
    func answered(_ exchange: Exchange) {
        note("answered \(exchange.head.path) \(exchange.status.code) \(exchange.responseBytes)")
        note(exchange.remote, exchange.proxy)
    }
    func refused(_ request: RefusedRequest) {
        note("refused \(request.refusal.rawValue)")
        note(request.remote, request.proxy)
    }
    func responderFailed(_ error: any Error, id: RequestID) { note("failed \(error)") }
    func acceptPaused(_ reason: AcceptPause) { note("paused \(reason.rawValue)") }
    func acceptResumed(_ reason: AcceptPause) { note("resumed \(reason.rawValue)") }
    func listenersFailed() { note("listeners failed") }
}

/// A server on a listener of the test's own.
struct TestServer {
    let listener: TestListener
    let server: HTTPServer
    let gate: Gate
    let observer: TestObserver

    /// Runs a server for as long as `body` runs.
    static func run(
        _ listener: TestListener? = nil,
        timeouts: ConnectionTimeouts = ConnectionTimeouts(drainGrace: .milliseconds(50)),
        maxConnections: Int = 1000,
        unreadAnswers: Int = 1 << 26,
        requestsInWork: Int = .max,
        heldContent: Int = 1 << 26,
        limits: RequestLimits = RequestLimits(),
        forwarding: ForwardingTrust = ForwardingTrust(),
        expectsProxyHeader: Bool = false,
        loops: Int = 2,
        _ body: (TestServer) async throws -> Void
    ) async throws {
        let loops = try EpollLoop.start(loops)
        defer { for loop in loops { loop.stop() } }
        let listener = try listener ?? .tcp()
        let (gate, observer) = (Gate(), TestObserver())
        let server = HTTPServer(
            loops: loops,
            settings: HTTPServer.Settings(
                limits: limits,
                timeouts: timeouts,
                unreadAnswers: unreadAnswers,
                requestsInWork: requestsInWork,
                heldContent: heldContent,
                forwarding: forwarding
            ),
            maxConnections: maxConnections,
            responder: TestResponder(gate: gate),
            observer: observer
        )
        let descriptor = fcntl(listener.descriptor, F_DUPFD_CLOEXEC, 3)
        try await server.serve(
            HTTPServer.Listener(
                name: "test",
                descriptor: descriptor,
                isTCP: listener.isTCP,
                expectsProxyHeader: expectsProxyHeader
            )
        )
        let result: Result<Void, any Error>
        do {
            try await body(TestServer(listener: listener, server: server, gate: gate, observer: observer))
            result = .success(())
        } catch {
            result = .failure(error)
        }
        gate.open()
        _ = await server.drain(timeout: .zero)
        try result.get()
    }

    func client(receiveBuffer: CInt = 0) throws -> Client { try Client(listener, receiveBuffer: receiveBuffer) }
}

/// Waits until something is so; fails if it is not within the bound.
func eventually(
    _ what: Comment,
    within bound: Duration = .seconds(10),
    sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () -> Bool
) async throws {
    let deadline = ContinuousClock.now + bound
    while !condition() {
        try #require(ContinuousClock.now < deadline, what, sourceLocation: sourceLocation)
        try await Task.sleep(for: .milliseconds(1))
    }
}

/// A POST with content of a known length; another method if it is said.
func post(_ path: String, _ content: String, _ fields: String..., method: String = "POST") -> String {
    let lines = ["Host: a", "Content-Length: \(content.utf8.count)"] + fields
    return "\(method) \(path) HTTP/1.1\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n" + content
}

/// A GET with a good Host.
func get(_ path: String, _ fields: String...) -> String {
    "GET \(path) HTTP/1.1\r\nHost: a\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n"
}
