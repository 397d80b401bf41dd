/// What became of one request. Every attempted request has exactly one outcome, ``duplicated`` apart.
public enum Outcome: String, CaseIterable, Sendable, Codable {
    /// The expected status and, byte for byte, the expected body, in time.
    case ok
    /// The expected answer, but later than the plan's ``RequestPlan/slowerThan``.
    case slow
    /// The other side gave no connection: `ECONNREFUSED`, or `ENOENT`, `EACCES` and the like.
    case refused
    /// The connection was reset (`ECONNRESET`, `EPIPE`) with the request in work.
    case reset
    /// The connection ended (EOF) before a full answer.
    case closed
    /// No connection or no full answer within the plan's timeout.
    case timedOut
    /// A complete answer that is not the expected one, or bytes that are no HTTP/1.1 answer.
    case wrongAnswer
    /// The client itself was at fault: no source port (`EADDRNOTAVAIL`) or descriptor (`EMFILE`, `ENFILE`) left.
    case clientError
    /// Still in work when the load was stopped and its grace was over.
    case unfinished
    /// Bytes that no request asked for. Counted beside the outcome of the request that was answered.
    case duplicated

    /// Whether the request got what it should.
    public var isSuccess: Bool { self == .ok }

    var index: Int {
        switch self {
        case .ok: 0
        case .slow: 1
        case .refused: 2
        case .reset: 3
        case .closed: 4
        case .timedOut: 5
        case .wrongAnswer: 6
        case .clientError: 7
        case .unfinished: 8
        case .duplicated: 9
        }
    }
}

/// One failure, kept so that a report can show what a count means.
public struct FailureExample: Sendable, Codable, CustomStringConvertible {
    /// What became of the request.
    public let outcome: Outcome
    /// When, counted from the start of the load.
    public let offset: Duration
    /// What was seen: the error, or the first bytes that differ.
    public let text: String

    /// `+1.250 s reset: …`.
    public var description: String { "+\(offset.secondsText) s \(outcome.rawValue): \(text)" }
}
