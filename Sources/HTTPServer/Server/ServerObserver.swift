public import HTTPTypes

/// One request and its answer, as the journal wants to know them.
public struct Exchange: Sendable {
    /// The request's head.
    public let head: RequestHead
    /// The request's identifier.
    public let id: RequestID
    /// The name of the listener.
    public let listener: String
    /// The client's address.
    public let remote: ClientAddress
    /// The status of the answer.
    public let status: HTTPResponse.Status
    /// The route as it was declared, or nil where none matched.
    public let route: String?
    /// The route's place in the responder's list; see ``Response/routeNumber``.
    public let routeNumber: Int?
    /// Octets of content in the answer.
    public let responseBytes: Int
    /// From the last octet of the request to the answer.
    public let duration: Duration
}

/// A request that was refused before a responder saw it.
public struct RefusedRequest: Sendable {
    /// Why.
    public let refusal: Refusal
    /// The identifier that the answer carries.
    public let id: RequestID
    /// The name of the listener.
    public let listener: String
    /// The client's address.
    public let remote: ClientAddress
}

/// Why a server stopped accepting for a while.
public enum AcceptPause: String, Sendable, CaseIterable {
    /// As many connections are open as are allowed.
    case connectionLimit = "connection_limit"
    /// The process, or the machine, has no descriptor left.
    case descriptorsExhausted = "descriptors_exhausted"
    /// A listener was shut down by somebody else; accepting from it does not go on.
    case listenerFailed = "listener_failed"
}

/// Hears what a server does. Called on event loops: it must not block.
public protocol ServerObserver: Sendable {
    /// A request was answered.
    func answered(_ exchange: Exchange)
    /// A request was refused.
    func refused(_ request: RefusedRequest)
    /// A responder threw; the client got a 500.
    func responderFailed(_ error: any Error, id: RequestID)
    /// No connection is accepted for now; they wait in the listener's queue.
    func acceptPaused(_ reason: AcceptPause)
    /// Connections are accepted again.
    func acceptResumed(_ reason: AcceptPause)
    /// The last listener has failed: no connection will ever be accepted again.
    func listenersFailed()
}

extension ServerObserver {
    /// Does nothing.
    public func answered(_ exchange: Exchange) {}
    /// Does nothing.
    public func refused(_ request: RefusedRequest) {}
    /// Does nothing.
    public func responderFailed(_ error: any Error, id: RequestID) {}
    /// Does nothing.
    public func acceptPaused(_ reason: AcceptPause) {}
    /// Does nothing.
    public func acceptResumed(_ reason: AcceptPause) {}
    /// Does nothing.
    public func listenersFailed() {}
}
