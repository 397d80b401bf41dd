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
        case closed
    }

    /// What the server is about to do with its connections.
    enum Plan: Equatable {
        case serve
        /// Each ends with its next answer, whenever that is; new ones come.
        case leave
        /// Each ends with its present answer.
        case end
        /// Each leaves for the next process, in whatever phase it is.
        case handOver

        /// Whether an answer is the last one of its connection, and says so.
        var endsWithAnswer: Bool { self == .leave || self == .end }
    }

    /// What to do after an answer.
    enum AfterAnswer: Equatable { case awaitRequest, finish }

    /// What to do when the client has closed its half, or all, of the connection.
    enum AfterInputEnd: Equatable { case nothing, finish, close, refuse(Refusal) }

    /// What a deadline that has passed asks for.
    enum Expiry: Equatable { case refuse(Refusal), finish, close }

    /// Octets a second at which a client must go on sending what is thrown away behind a last answer.
    static let lingerRate = 262_144

    private let timeouts: ConnectionTimeouts
    private(set) var phase = Phase.idle
    private(set) var plan = Plan.serve
    /// Whether it waits to be handed over, or has been: nothing is read or written.
    private(set) var isLeaving = false
    private(set) var inputEnded = false
    private(set) var requestsBegun = 0
    private(set) var headArrived = false
    private var requestKeepsAlive = true
    private var lingered = 0
    /// When the present phase began; for a request, when its first octet came (or the connection, for the first one).
    private(set) var since: MonotonicTime
    let acceptedAt: MonotonicTime
    /// When the plan became to end.
    private var endingSince: MonotonicTime?
    /// Since when the client leaves answers unread; no request is read from it meanwhile.
    private(set) var stalledSince: MonotonicTime?
    /// While lingering: when input last came.
    private var discardedAt: MonotonicTime

    init(timeouts: ConnectionTimeouts, acceptedAt: MonotonicTime) {
        self.timeouts = timeouts
        self.acceptedAt = acceptedAt
        since = acceptedAt
        discardedAt = acceptedAt
    }

    /// Whether requests may be taken from the input.
    var takesRequests: Bool { (phase == .idle || phase == .receiving) && !isLeaving }

    // MARK: Requests

    /// The first octet of a request has come.
    mutating func requestBegan(at now: MonotonicTime) {
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

    /// The answer is on its way. It is the last one if the request says so; and where the plan is to leave or to end,
    /// unless the client had sent another whole request before, which is then answered too. Half a request does not
    /// count: a client that always has one could use up the whole drain.
    mutating func answered(at now: MonotonicTime, holdsRequest: Bool) -> AfterAnswer {
        let isLast = !requestKeepsAlive || (plan.endsWithAnswer && !holdsRequest)
        guard phase == .working, !isLast else {
            finish(at: now)
            return .finish
        }
        phase = .idle
        since = now
        return .awaitRequest
    }

    /// A refusal is on its way: nothing more is taken from this connection.
    mutating func refused(at now: MonotonicTime) { finish(at: now) }

    private mutating func finish(at now: MonotonicTime) {
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
        case .working, .finishing: return .nothing
        case .lingering: return .close
        case .closed: return .nothing
        }
    }

    /// The last answer has been handed to the kernel. Returns whether to close at once.
    mutating func lastAnswerFlushed(at now: MonotonicTime) -> Bool {
        guard phase == .finishing else { return false }
        stalledSince = nil
        if inputEnded { return true }
        phase = .lingering
        since = now
        discardedAt = now
        return false
    }

    /// Input came that nobody will read.
    mutating func discarded(octets: Int, at now: MonotonicTime) {
        lingered += octets
        discardedAt = now
    }

    mutating func closed() {
        phase = .closed
        isLeaving = false
    }

    // MARK: Time

    /// Whether answers pile up because the client does not read them. The time in which the server did not read either
    /// is not the request's.
    mutating func writeStalled(_ isStalled: Bool, at now: MonotonicTime) {
        if isStalled {
            if stalledSince == nil { stalledSince = now }
        } else if let began = stalledSince {
            stalledSince = nil
            if phase == .idle || phase == .receiving { since = since + (now - max(began, since)) }
        }
    }

    /// What a passed deadline asks for, if one has passed.
    func expiry(at now: MonotonicTime) -> Expiry? {
        if isLeaving { return nil }
        func hasPassed(_ bound: Duration, since start: MonotonicTime) -> Bool { now >= start + bound }

        if let stalledSince {
            // A client that has answers to read is not idle, and what it sends is not read: how long it may take to
            // read is the write timeout's.
            return hasPassed(timeouts.write, since: stalledSince) ? .close : nil
        }
        switch phase {
        case .idle:
            if let endingSince, hasPassed(timeouts.drainGrace, since: max(endingSince, since)) { return .finish }
            if requestsBegun == 0 { return hasPassed(timeouts.header, since: since) ? .refuse(.headerTimeout) : nil }
            return hasPassed(timeouts.keepAlive, since: since) ? .finish : nil
        case .receiving:
            if !headArrived, hasPassed(timeouts.header, since: since) { return .refuse(.headerTimeout) }
            return hasPassed(timeouts.request, since: since) ? .refuse(.requestTimeout) : nil
        case .finishing:
            return hasPassed(timeouts.write, since: since) ? .close : nil
        case .lingering:
            // Bounded by silence, by a rate, and by the time that a whole request may take: an upload of any decent size
            // gets to its end, and to its answer, and nobody keeps the server busy with one.
            let earned = Duration.milliseconds(lingered / (Self.lingerRate / 1000))
            let isOver =
                hasPassed(timeouts.linger, since: discardedAt) || hasPassed(timeouts.linger + earned, since: since)
                || hasPassed(max(timeouts.request, timeouts.linger), since: since)
            return isOver ? .close : nil
        case .working, .closed:
            return nil
        }
    }

    /// Whether a deadline that has passed is about what the client sends: it may lie in the socket, unread.
    var awaitsInput: Bool { phase == .idle || phase == .receiving }

    // MARK: Leaving

    /// The plan changes: to end each connection, an idle one after a grace; or to hand all over.
    mutating func planned(_ plan: Plan, at now: MonotonicTime) {
        guard plan != self.plan else { return }
        self.plan = plan
        isLeaving = false
        endingSince = plan == .end ? now : nil
    }

    /// Whether the next process can take the connection up from here.
    ///
    /// - Parameters:
    ///   - unsent: Octets of answers that the kernel has not taken.
    ///   - requestTravels: Whether the request in work, if there is one, may be asked again.
    func canTravel(unsent: Int, requestTravels: Bool) -> Bool {
        guard unsent <= OpenConnection.mostUnsent else { return false }
        switch phase {
        case .idle, .receiving, .finishing, .lingering: return true
        case .working: return requestTravels
        case .closed: return false
        }
    }

    /// Waits to be handed over.
    mutating func leaves() { isLeaving = phase != .closed }
}

// MARK: From one process to the next

extension ConnectionState {
    /// Where the connection is in its life, as the next process has to know it; nil once it is closed.
    var stage: OpenConnection.Stage? {
        switch phase {
        case .idle: .idle
        case .receiving: headArrived ? .body : .head
        case .working: .working
        case .finishing: .finishing
        case .lingering: .lingering
        case .closed: nil
        }
    }

    /// Goes on where another process left off.
    init(timeouts: ConnectionTimeouts, takingUp connection: OpenConnection, keepsAlive: Bool, at now: MonotonicTime) {
        // What lies ahead of this process's clock was not written by one on the same machine since its start.
        func moment(_ nanoseconds: UInt64) -> MonotonicTime { min(MonotonicTime(nanoseconds: nanoseconds), now) }
        // While nobody had the connection nobody read from it, and no deadline ran.
        let away = now - moment(connection.leftAt)
        func shifted(_ nanoseconds: UInt64) -> MonotonicTime { min(moment(nanoseconds) + away, now) }
        self.init(timeouts: timeouts, acceptedAt: shifted(connection.acceptedAt))
        since = shifted(connection.since)
        stalledSince = connection.stalledSince.map(shifted)
        requestsBegun = connection.isNew ? 0 : 1
        requestKeepsAlive = keepsAlive
        switch connection.stage {
        case .idle: break
        case .head: phase = .receiving
        case .body: (phase, headArrived) = (.receiving, true)
        case .working: (phase, headArrived) = (.working, true)
        case .finishing: phase = .finishing
        case .lingering:
            phase = .lingering
            discardedAt = now
            // As though the client had kept to the rate so far.
            lingered = Int(clamping: (now - since).attoseconds / 1_000_000_000_000_000) * (Self.lingerRate / 1000)
        }
        if phase != .idle { requestsBegun = max(requestsBegun, 1) }
    }
}
