import NIOCore

/// How long a connection may take for each of its steps. Wall-clock bounds: no octet that arrives prolongs one.
public struct ConnectionTimeouts: Sendable, Equatable {
    /// From the accept, or from the first octet of a later request, to the end of the header section.
    public var header: Duration
    /// From the first octet of a request to its last.
    public var request: Duration
    /// Between requests.
    public var keepAlive: Duration
    /// For an answer that the client does not read.
    public var write: Duration
    /// While draining: how long an idle connection is held, lest a request that is on its way meets a closed one.
    public var drainGrace: Duration
    /// After the last answer: how long input is still read and thrown away, so that the client can read the answer
    /// (RFC 9112 section 9.6).
    public var linger: Duration

    /// Creates bounds; the defaults suit clients on the open internet.
    public init(
        header: Duration = .seconds(10),
        request: Duration = .seconds(30),
        keepAlive: Duration = .seconds(75),
        write: Duration = .seconds(30),
        drainGrace: Duration = .milliseconds(500),
        linger: Duration = .seconds(1)
    ) {
        self.header = header
        self.request = request
        self.keepAlive = keepAlive
        self.write = write
        self.drainGrace = drainGrace
        self.linger = linger
    }
}

/// The life of one connection, from accept to close. Pure: it is told what happened and when, and says what to do.
struct ConnectionState {
    enum Phase: Equatable {
        /// Between requests, or before the first one.
        case idle
        /// A request has begun to arrive.
        case receiving
        /// A whole request is with its responder; input waits.
        case working
        /// The last answer is being written.
        case finishing
        /// Our half is closed; what still arrives is thrown away.
        case lingering
        /// About to be given up to whoever keeps open connections; nothing is read.
        case leaving
        case closed
    }

    /// What to do after an answer.
    enum AfterAnswer: Equatable { case awaitRequest, finish }

    /// What to do when the client has closed its half, or all, of the connection.
    enum AfterInputEnd: Equatable { case nothing, finish, close, refuse(Refusal) }

    /// What a deadline that has passed asks for.
    enum Expiry: Equatable { case refuse(Refusal), finish, close }

    /// Octets thrown away after the last answer before the connection is cut.
    static let lingerLimit = 65536

    private let timeouts: ConnectionTimeouts
    private(set) var phase = Phase.idle
    private(set) var isDraining = false
    /// While draining: whether the connection is handed over rather than ended.
    private(set) var isHandedOver = false
    private(set) var inputEnded = false
    private(set) var requestsBegun = 0
    private var headArrived = false
    private var requestKeepsAlive = true
    private var lingered = 0
    /// When the present phase began; for a request, when its first octet came (or the connection, for the first one).
    private var since: NIODeadline
    private let acceptedAt: NIODeadline
    private var drainSince: NIODeadline?
    private var stalledSince: NIODeadline?

    /// - Parameter isTakenUp: whether another server had the connection before: it is then between requests like one that
    ///   was kept alive, rather than new.
    init(timeouts: ConnectionTimeouts, acceptedAt: NIODeadline, isTakenUp: Bool = false) {
        self.timeouts = timeouts
        self.acceptedAt = acceptedAt
        since = acceptedAt
        if isTakenUp { requestsBegun = 1 }
    }

    /// Whether requests may be taken from the input.
    var takesRequests: Bool { phase == .idle || phase == .receiving }

    // MARK: Requests

    /// The first octet of a request has come.
    mutating func requestBegan(at now: NIODeadline) {
        guard phase == .idle else { return }
        phase = .receiving
        requestsBegun += 1
        headArrived = false
        requestKeepsAlive = true
        // The first request's time runs from the accept.
        since = requestsBegun == 1 ? acceptedAt : now
    }

    /// The header section is whole.
    mutating func headArrived(keepsAlive: Bool) {
        headArrived = true
        requestKeepsAlive = keepsAlive
    }

    /// The request is whole and goes to its responder.
    mutating func requestArrived() {
        guard phase == .receiving else { return }
        phase = .working
    }

    /// The responder's answer is on its way. It is the last one if the request says so; and while draining, unless the
    /// connection is handed over, or the client has already sent more, which is then answered too.
    mutating func answered(at now: NIODeadline, hasBufferedInput: Bool) -> AfterAnswer {
        let isLast = !requestKeepsAlive || (isDraining && !isHandedOver && !hasBufferedInput)
        guard phase == .working, !isLast else {
            finish(at: now)
            return .finish
        }
        phase = .idle
        since = now
        return .awaitRequest
    }

    /// A refusal is on its way: nothing more is taken from this connection.
    mutating func refused(at now: NIODeadline) { finish(at: now) }

    private mutating func finish(at now: NIODeadline) {
        guard phase != .lingering, phase != .closed else { return }
        phase = .finishing
        since = now
    }

    // MARK: The end

    /// The client has ended its half. What it asked before that is answered; part of a request is not.
    mutating func inputEnded(hasBufferedInput: Bool) -> AfterInputEnd {
        inputEnded = true
        switch phase {
        // Not closed at once: a slow client may have answers still to read.
        case .idle: return hasBufferedInput ? .nothing : .finish
        case .receiving: return .refuse(.requestIncomplete)
        case .working, .finishing, .leaving: return .nothing
        case .lingering: return .close
        case .closed: return .nothing
        }
    }

    /// The last answer has been handed to the kernel. Returns whether to close at once.
    mutating func lastAnswerFlushed(at now: NIODeadline) -> Bool {
        guard phase == .finishing else { return false }
        stalledSince = nil
        if inputEnded { return true }
        phase = .lingering
        since = now
        return false
    }

    /// Input came that nobody will read. Returns whether to cut the connection.
    mutating func discarded(octets: Int) -> Bool {
        lingered += octets
        return lingered > Self.lingerLimit
    }

    mutating func closed() { phase = .closed }

    // MARK: Draining and time

    /// The server stops: an idle connection is held for a grace, others end with their present answer; or, where somebody
    /// keeps them, all are handed over as soon as no request is in work.
    mutating func drainBegan(at now: NIODeadline, handsOver: Bool = false) {
        guard !isDraining else { return }
        isDraining = true
        isHandedOver = handsOver
        drainSince = now
    }

    /// Whether the connection may leave now: nothing in work, and nothing taken in but, at most, a part of a head.
    var mayLeave: Bool {
        isHandedOver && !inputEnded && (phase == .idle || (phase == .receiving && !headArrived))
    }

    /// The connection waits to be handed over.
    mutating func leaves() {
        guard mayLeave else { return }
        phase = .leaving
    }

    /// Nobody keeps it: it is ended as an idle connection is that is drained.
    mutating func stays(at now: NIODeadline) {
        guard phase == .leaving else { return }
        isHandedOver = false
        phase = .idle
        since = now
    }

    /// Whether answers pile up because the client does not read them.
    mutating func writeStalled(_ isStalled: Bool, at now: NIODeadline) {
        if !isStalled {
            stalledSince = nil
        } else if stalledSince == nil {
            stalledSince = now
        }
    }

    /// What a passed deadline asks for, if one has passed.
    func expiry(at now: NIODeadline) -> Expiry? {
        if let stalledSince, now >= stalledSince + TimeAmount(timeouts.write) { return .close }
        switch phase {
        case .idle:
            if let drainSince, now >= max(drainSince, since) + TimeAmount(timeouts.drainGrace) { return .finish }
            if requestsBegun == 0 {
                return now >= since + TimeAmount(timeouts.header) ? .refuse(.headerTimeout) : nil
            }
            return now >= since + TimeAmount(timeouts.keepAlive) ? .finish : nil
        case .receiving:
            if !headArrived, now >= since + TimeAmount(timeouts.header) { return .refuse(.headerTimeout) }
            return now >= since + TimeAmount(timeouts.request) ? .refuse(.requestTimeout) : nil
        case .finishing:
            return now >= since + TimeAmount(timeouts.write) ? .close : nil
        case .lingering:
            return now >= since + TimeAmount(timeouts.linger) ? .close : nil
        case .working, .leaving, .closed:
            return nil
        }
    }
}
