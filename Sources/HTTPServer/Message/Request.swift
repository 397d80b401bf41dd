public import HTTPTypes

/// A whole request, as a responder sees it.
public struct Request: Sendable {
    /// The head as it was sent.
    public let head: RequestHead
    /// Names the request in its answer, in the journal and towards other services.
    public let id: RequestID
    /// The name of the listener that the connection came from.
    public let listener: String
    /// The client's address: that of the connection's peer, or the one that a trusted proxy says.
    public let remote: ClientAddress
    /// Waits without holding a thread.
    public let clock: any RequestClock
    /// Whether the server is about to stop.
    public let isDraining: Bool
    /// How long ago the request was whole: zero, unless another process had it in work before. What waits for a time
    /// counts from there.
    public let age: Duration
    /// The content, without its transfer coding, where the responder ``Responder/takesContent(_:)``; else it was read and
    /// thrown away, and this is empty.
    public let content: [UInt8]

    /// Creates a request; public so that responders can be tested without a server.
    public init(
        head: RequestHead,
        id: RequestID,
        listener: String,
        clock: any RequestClock,
        remote: ClientAddress = .unix,
        isDraining: Bool,
        age: Duration = .zero,
        content: [UInt8] = []
    ) {
        self.head = head
        self.id = id
        self.listener = listener
        self.clock = clock
        self.remote = remote
        self.isDraining = isDraining
        self.age = age
        self.content = content
    }

    /// The method.
    public var method: HTTPRequest.Method { head.method }
}

/// A clock that a responder may wait on.
public protocol RequestClock: Sendable {
    /// Returns after `duration`, holding no thread meanwhile.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled, as it is when the client has gone away.
    func sleep(for duration: Duration) async throws
}

/// What a responder says to a request.
public enum Reply: Sendable {
    /// The answer. It costs no task.
    case now(Response)
    /// The answer, to be given after a time. Nothing but a timer waits: 1.7 µs and 2.6 KiB less than a task.
    case after(Duration, Response)
    /// The answer will come of this, which may wait; it runs on the event loop of the request's connection. An error that
    /// it throws becomes a 500. It is cancelled when the client goes away.
    case later(@Sendable () async throws -> Response)
}

/// Turns requests into answers.
public protocol Responder: Sendable {
    /// Answers a request, or says how it will be answered. Called on the event loop of the request's connection: what
    /// blocks, blocks them all.
    func reply(to request: Request) -> Reply
    /// Whether a request may be asked again, of another process, when this one is replaced before it has answered.
    /// Otherwise it is finished here.
    func mayRepeat(_ head: RequestHead) -> Bool
    /// Whether a request is answered also where too many are in work: one that asks how the process is.
    func isAlwaysAnswered(_ head: RequestHead) -> Bool
    /// Whether the content of a request is gathered for ``Request/content``, within the server's limits. Asked when the head
    /// of one that has a body has come. Otherwise the body is read and thrown away, and costs no memory.
    func takesContent(_ head: RequestHead) -> Bool
    /// The names, in lower case, of the fields that it reads of a request; nil for any. Others need not be kept while an
    /// answer waits.
    var fields: Set<String>? { get }
}

extension Responder {
    /// The methods of which RFC 9110 section 9.2.2 says that asking twice does no harm.
    public func mayRepeat(_ head: RequestHead) -> Bool { Self.isIdempotent(head.method) }

    /// Whether RFC 9110 section 9.2.2 says of a method that asking twice does no harm.
    public static func isIdempotent(_ method: HTTPRequest.Method) -> Bool {
        switch method {
        case .get, .head, .options, .trace, .put, .delete: true
        default: false
        }
    }

    /// None.
    public func isAlwaysAnswered(_ head: RequestHead) -> Bool { false }

    /// No.
    public func takesContent(_ head: RequestHead) -> Bool { false }

    /// Any.
    public var fields: Set<String>? { nil }

    /// Answers a request, waiting for it.
    public func respond(to request: Request) async throws -> Response {
        switch reply(to: request) {
        case .now(let response):
            return response
        case .after(let delay, let response):
            try await request.clock.sleep(for: delay)
            return response
        case .later(let respond):
            return try await respond()
        }
    }
}
