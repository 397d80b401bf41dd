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

    /// Where it is called, without what it is asked: `example.org:443`.
    public var address: String {
        let isSecure = url.hasPrefix("https://")
        let authority = url.utf8.dropFirst((isSecure ? "https://" : "http://").utf8.count).prefix {
            !"/?".utf8.contains($0)
        }
        let hasPort =
            authority.reversed().first { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "]") } == UInt8(ascii: ":")
        return String(Substring(authority)) + (hasPort ? "" : isSecure ? ":443" : ":80")
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
    /// Calls that wait for a place, over all requests; a request whose calls are more is answered with 503.
    public var maximumWaitingCalls: Int
    /// The largest content, in octets, that is taken from one upstream.
    public var maximumBody: Int

    /// Creates settings.
    public init(
        timeout: Duration = .seconds(2),
        deadline: Duration = .seconds(5),
        maximumCalls: Int = 64,
        maximumWaitingCalls: Int = 4096,
        maximumBody: Int = 1_048_576
    ) {
        self.timeout = timeout
        self.deadline = deadline
        self.maximumCalls = maximumCalls
        self.maximumWaitingCalls = maximumWaitingCalls
        self.maximumBody = maximumBody
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
