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
    /// The address of the trusted proxy that said so; nil where nobody stands between.
    public let proxy: ClientAddress?
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
    /// The address of the trusted proxy that said so; nil where nobody stands between.
    public let proxy: ClientAddress?
    /// The beginning of what was refused, as it was sent; nil unless details are wanted.
    public let excerpt: String?
}

/// Why a connection has ended.
public enum ConnectionEnd: String, Sendable, CaseIterable {
    /// Its last answer was given, and announced the close, or the client had ended its half.
    case answered
    /// A request was refused.
    case refused
    /// It was idle for as long as is allowed.
    case idle
    /// The server stops, and it was idle.
    case stopping
    /// The client is gone without a word: a reset, most often.
    case clientGone = "client_gone"
    /// The client did not read its answers.
    case writeTimeout = "write_timeout"
    /// The time for a stop was over.
    case cut
    /// It could not be watched: the kernel has no memory for it.
    case unwatchable
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
    /// Whether to be told of each connection, and what was refused: a person looks for a fault.
    var wantsDetails: Bool { get }
    /// A connection was accepted, or taken up from another process. Only where details are wanted.
    func connectionOpened(listener: String, remote: ClientAddress, isTakenUp: Bool)
    /// A connection has ended. Only where details are wanted.
    func connectionClosed(listener: String, remote: ClientAddress, end: ConnectionEnd)
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
    /// No.
    public var wantsDetails: Bool { false }
    /// Does nothing.
    public func connectionOpened(listener: String, remote: ClientAddress, isTakenUp: Bool) {}
    /// Does nothing.
    public func connectionClosed(listener: String, remote: ClientAddress, end: ConnectionEnd) {}
}
