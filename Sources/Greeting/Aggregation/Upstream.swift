/// A service that `/aggregate` calls.
public struct Upstream: Sendable, Hashable {
    /// Names it in answers and in the journal: letters, digits, `.`, `_` and `-`, 64 at most.
    public var name: String
    /// What is called: `https://example.org/status`.
    public var url: String

    /// Creates an upstream of parts that were checked.
    public init(name: String, url: String) {
        self.name = name
        self.url = url
    }
}

/// How `/aggregate` calls its upstreams.
public struct AggregationSettings: Sendable, Equatable {
    /// How long one upstream may take to answer, its content included.
    public var timeout: Duration
    /// How long all of them together may take, waiting for a place among the calls included.
    public var deadline: Duration
    /// Calls at once, over all requests; more wait for a place.
    public var maximumCalls: Int
    /// The largest content, in octets, that is taken from one upstream.
    public var maximumBody: Int

    /// Creates settings.
    public init(
        timeout: Duration = .seconds(2),
        deadline: Duration = .seconds(5),
        maximumCalls: Int = 64,
        maximumBody: Int = 1_048_576
    ) {
        self.timeout = timeout
        self.deadline = deadline
        self.maximumCalls = maximumCalls
        self.maximumBody = maximumBody
    }
}

/// What an upstream answered.
public struct UpstreamAnswer: Sendable, Equatable {
    /// The status code.
    public var status: Int
    /// The content.
    public var body: [UInt8]

    /// Creates an answer.
    public init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}

/// Why there is no answer of an upstream.
public struct UpstreamFailure: Error, Sendable, Equatable {
    /// What happened, for programs: `timeout`, `connect`, `tls`, `too_large`, `not_json`, `status`, `protocol`.
    public var type: String
    /// What happened, for people. It tells nothing that an upstream sent.
    public var message: String
    /// The status code, if there was one.
    public var status: Int?

    /// Creates a failure.
    public init(type: String, message: String, status: Int? = nil) {
        self.type = type
        self.message = message
        self.status = status
    }
}

/// Calls upstreams. A cancelled call ends at once.
public protocol UpstreamClient: Sendable {
    /// Gets an upstream's URL.
    ///
    /// - Parameters:
    ///   - upstream: What to call.
    ///   - fields: Header fields to send, as names and values.
    ///   - maximumBody: Octets of content past which the answer is given up.
    /// - Throws: ``UpstreamFailure``, or `CancellationError`.
    func get(_ upstream: Upstream, fields: [(String, String)], maximumBody: Int) async throws -> UpstreamAnswer
}
