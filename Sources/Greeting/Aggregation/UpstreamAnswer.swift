/// What an upstream answered.
public struct UpstreamAnswer: Sendable, Equatable {
    /// The status code.
    public var status: Int
    /// The content.
    public var body: [UInt8]
    /// Whether the content is JSON. Whoever receives it finds out, piece by piece and away from the clients' event loops.
    public var isJSON: Bool
    /// The coding of the content, by a name of IANA's registry or as `unknown`, or nil if it has none.
    public var coding: String?

    /// Creates an answer.
    public init(status: Int, body: [UInt8], isJSON: Bool, coding: String? = nil) {
        self.status = status
        self.body = body
        self.isJSON = isJSON
        self.coding = coding
    }

    /// Why the answer is of no use, or nil.
    package var failure: UpstreamFailure? {
        if !(200...299).contains(status) {
            return UpstreamFailure(.status, "The status is \(status).", status: status)
        }
        if let coding {
            let message = "The content is coded (\(coding)), though no coding was accepted."
            return UpstreamFailure(.coded, message, status: status)
        }
        return isJSON ? nil : UpstreamFailure(.notJSON, "The content is not JSON.", status: status)
    }
}

/// Why there is no answer of an upstream, or none of use.
public struct UpstreamFailure: Error, Sendable, Equatable {
    /// What happened, for programs.
    public enum Kind: String, CaseIterable, Sendable {
        /// There was no answer in time.
        case timeout
        /// The host's name could not be resolved.
        case resolve
        /// There is no way to the host.
        case noRoute = "no_route"
        /// The connection could not be made for another reason, or broke.
        case connect
        /// There was no TLS, or the certificate is not to be trusted.
        case tls
        /// The answer is no valid HTTP, or was cut off.
        case `protocol`
        /// The content is larger than is taken.
        case tooLarge = "too_large"
        /// The status is not 2xx.
        case status
        /// The content is compressed, or otherwise coded, though that was not accepted.
        case coded = "content_coding"
        /// The content is not JSON.
        case notJSON = "not_json"
    }

    /// What happened, for programs.
    public var kind: Kind
    /// What happened, for people. It tells nothing that an upstream sent.
    public var message: String
    /// The status code, if there was one.
    public var status: Int?
    /// The system's number for the error, if there was one (errno(3)).
    public var code: CInt?

    /// Creates a failure.
    public init(_ kind: Kind, _ message: String, status: Int? = nil, code: CInt? = nil) {
        self.kind = kind
        self.message = message
        self.status = status
        self.code = code
    }
}

extension UpstreamFailure: CustomStringConvertible {
    /// What happened, for people.
    public var description: String { message }
}

/// A call of an upstream that has ended.
public struct UpstreamCall: Sendable {
    /// What was called.
    public var upstream: Upstream
    /// The name of the request that it was called for.
    public var requestID: String
    /// How long it took, waiting for a place included.
    public var elapsed: Duration
    /// Why there is no answer of use, or nil if there is.
    public var failure: UpstreamFailure?
}

/// Hears of every call of an upstream that has ended, on whatever thread that was. Those that are given up because the
/// client has gone away have not ended.
public protocol UpstreamObserver: Sendable {
    /// A call has ended.
    func ended(_ call: UpstreamCall)
}
