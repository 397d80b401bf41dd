public import HTTPTypes

/// A whole request, as a responder sees it. Its content, if any, was read and thrown away: no route takes one.
public struct Request: Sendable {
    /// The head as it was sent.
    public let head: RequestHead
    /// Names the request in its answer, in the journal and towards other services.
    public let id: RequestID
    /// The name of the listener that the connection came from.
    public let listener: String
    /// Waits without holding a thread.
    public let clock: any RequestClock
    /// Whether the server is about to stop.
    public let isDraining: Bool

    /// Creates a request; public so that responders can be tested without a server.
    public init(head: RequestHead, id: RequestID, listener: String, clock: any RequestClock, isDraining: Bool) {
        self.head = head
        self.id = id
        self.listener = listener
        self.clock = clock
        self.isDraining = isDraining
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

/// Turns requests into answers. Called on the event loop of the request's connection: what blocks, blocks them all.
public protocol Responder: Sendable {
    /// Answers one request. A thrown error becomes a 500.
    func respond(to request: Request) async throws -> Response
}
