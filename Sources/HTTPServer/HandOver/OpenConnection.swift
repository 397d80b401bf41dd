/// An open connection that a server gives up, or takes up, with all that the next process needs to go on as though it
/// had accepted it itself.
public struct OpenConnection: Sendable, Equatable {
    /// Where a connection is in its life.
    public enum Stage: UInt8, Sendable, CaseIterable {
        /// Between requests, or before the first one.
        case idle
        /// A part of a request's head has come.
        case head
        /// A whole head has come, and perhaps a part of its body.
        case body
        /// A whole request has come, and is not answered.
        case working
        /// The last answer is being written.
        case finishing
        /// The last answer is written, our half is closed; what comes is thrown away.
        case lingering
    }

    /// A request that is not answered: its head is whole.
    public struct UnansweredRequest: Sendable, Equatable {
        /// The octets of its head.
        public var head: [UInt8]
        /// How far its body has come; nil where the request is whole.
        public var body: BodyProgress?
        /// What names it in its answer and in the journal; nil where it has no name yet.
        public var id: String?
        /// How many processes have asked their responders.
        public var travels: Int
        /// The content that has come, where it is gathered for a responder; nil where it is not, or where there is none of
        /// a whole request.
        public var content: [UInt8]?

        /// Describes a request.
        public init(
            head: [UInt8],
            body: BodyProgress? = nil,
            id: String? = nil,
            travels: Int = 0,
            content: [UInt8]? = nil
        ) {
            self.head = head
            self.body = body
            self.id = id
            self.travels = travels
            self.content = content
        }
    }

    /// Octets of an answer that go along; with more, a connection stays until its client has read.
    public static let mostUnsent = 65536
    /// Octets of gathered content that go along; a request with more is finished where it is.
    public static let mostContent = 1 << 20
    /// How often a request is handed on; then it is finished where it is.
    public static let mostTravels = 3

    /// The connected socket.
    public var descriptor: CInt
    /// The name of the listener that it came from.
    public var listener: String
    /// The client, where a proxy has said so in a header of the PROXY protocol.
    public var client: ClientAddress?
    /// Whether such a header has to come yet.
    public var awaitsProxyHeader: Bool
    /// Where it is in its life.
    public var stage: Stage
    /// Whether no request has begun on it.
    public var isNew: Bool
    /// When it was accepted: nanoseconds of `CLOCK_MONOTONIC`, which all processes of a machine share.
    public var acceptedAt: UInt64
    /// When its stage began: nanoseconds of `CLOCK_MONOTONIC`. For a request its first octet, for one in work its last.
    public var since: UInt64
    /// When the server gave it up: nanoseconds of `CLOCK_MONOTONIC`.
    public var leftAt: UInt64
    /// Since when the client leaves answers unread: nanoseconds of `CLOCK_MONOTONIC`.
    public var stalledSince: UInt64?
    /// The request that it is at, from ``Stage/body`` to ``Stage/working``.
    public var request: UnansweredRequest?
    /// What was read and not looked at yet; what was not read is still in the kernel.
    public var received: [UInt8]
    /// What is to be written before anything else.
    public var unsent: [UInt8]

    /// Describes an open connection.
    public init(
        descriptor: CInt,
        listener: String,
        client: ClientAddress? = nil,
        awaitsProxyHeader: Bool = false,
        stage: Stage = .idle,
        isNew: Bool = false,
        acceptedAt: UInt64 = 0,
        since: UInt64 = 0,
        leftAt: UInt64 = .max,
        stalledSince: UInt64? = nil,
        request: UnansweredRequest? = nil,
        received: [UInt8] = [],
        unsent: [UInt8] = []
    ) {
        self.descriptor = descriptor
        self.listener = listener
        self.client = client
        self.awaitsProxyHeader = awaitsProxyHeader
        self.stage = stage
        self.isNew = isNew
        self.acceptedAt = acceptedAt
        self.since = since
        self.leftAt = leftAt
        self.stalledSince = stalledSince
        self.request = request
        self.received = received
        self.unsent = unsent
    }
}
