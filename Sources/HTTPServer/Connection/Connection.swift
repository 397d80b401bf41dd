import Glibc

/// Performs on a socket what ``ConnectionState`` decides: reads, hands requests to the responder, writes answers.
///
/// Used on its event loop only.
final class Connection: Pollable {
    let loop: LoopContext
    let settings: ConnectionSettings
    let origin: ConnectionOrigin
    /// Whom the connection is from: the client, or a proxy.
    let peer: ClientAddress
    /// What there is to know of a connection from a trusted proxy; nil for any other.
    let proxied: ProxiedConnection?
    var socket: StreamSocket
    var state: ConnectionState
    var parser: RequestParser
    /// Input that was read and not used yet.
    var held: [UInt8] = []
    /// Octets of input that are held, those among them at which `process` is just looking.
    var heldOctets = 0
    /// The head whose body is awaited.
    var head: RequestHead?
    var work: Work?
    var isProcessing = false
    /// Whether the parser can do nothing with the input that is held.
    var isStarved = false
    /// While it processes in order to end: whether a whole request follows the one that is answered.
    var holdsFollowing = false
    /// Whether it goes on with the input that is held when its turn comes.
    var awaitsTurn = false
    /// Whether another process had it before.
    let isTakenUp: Bool
    /// Whether a hand-over waits for it to come so far that it can travel.
    var holdsUpHandOver = false
    /// Octets of unread answers that the budget knows of.
    private var countedUnread = 0
    /// Octets of content that the budget knows of.
    private var countedContent = 0
    /// Why it is ending, once that is known.
    var end: ConnectionEnd?
    /// Where the loop's list holds this connection.
    var index: Int?

    /// A whole request that is not answered.
    final class Work {
        let head: RequestHead
        let id: RequestID
        /// When it was whole.
        let since: MonotonicTime
        /// How many processes have asked their responders, this one among them.
        var travels: Int
        /// What it brought, as long as that may be needed, or held, by somebody.
        let content: [UInt8]
        /// What it waits for: one of these, or neither where no responder was asked.
        var task: Task<Void, Never>?
        var timer: LoopTimer?

        init(head: RequestHead, id: RequestID, since: MonotonicTime, travels: Int, content: [UInt8]) {
            self.head = head
            self.id = id
            self.since = since
            self.travels = travels
            self.content = content
        }
    }

    /// - Parameter descriptor: A connected, non-blocking stream socket, which is the connection's from here on.
    init(
        descriptor: CInt,
        peer: ClientAddress,
        loop: LoopContext,
        settings: ConnectionSettings,
        origin: ConnectionOrigin
    ) {
        self.origin = origin
        self.peer = peer
        proxied =
            settings.forwarding.peers.contains(peer)
            ? ProxiedConnection(awaitsHeader: origin.expectsProxyHeader) : nil
        self.loop = loop
        self.settings = settings
        socket = StreamSocket(descriptor: descriptor)
        state = ConnectionState(timeouts: settings.timeouts, acceptedAt: loop.eventLoop.now)
        parser = RequestParser(limits: settings.limits)
        isTakenUp = false
        super.init(descriptor: descriptor)
    }

    /// - Parameters:
    ///   - open: What another server knew of the connection. The descriptor is non-blocking, and the connection's from
    ///     here on.
    ///   - state: The same as this server sees it.
    ///   - parser: One that is as far as the other server's.
    init(
        takingUp open: OpenConnection,
        peer: ClientAddress,
        loop: LoopContext,
        settings: ConnectionSettings,
        origin: ConnectionOrigin,
        state: ConnectionState,
        parser: RequestParser
    ) {
        self.origin = origin
        self.peer = peer
        let isProxied = open.awaitsProxyHeader || open.client != nil || settings.forwarding.peers.contains(peer)
        proxied =
            isProxied ? ProxiedConnection(awaitsHeader: open.awaitsProxyHeader, client: open.client) : nil
        self.loop = loop
        self.settings = settings
        self.state = state
        self.parser = parser
        socket = StreamSocket(descriptor: open.descriptor, unsent: open.unsent)
        held = open.received
        heldOctets = held.count
        isTakenUp = true
        super.init(descriptor: open.descriptor)
    }

    deinit {
        // One that was never begun, or that was handed over; any other was closed when it ended.
        if state.phase != .closed { Glibc.close(descriptor) }
    }

    var hasBufferedInput: Bool { heldOctets > 0 }

    var isWorking: Bool { state.phase == .working }

    /// Begins to serve. A connection that cannot be watched is closed by its end.
    func begin() throws {
        try loop.eventLoop.add(self, for: .input)
        loop.add(self)
        loop.counters.accepted.add(1)
        tellOpened()
        if loop.plan != .serve { state.planned(loop.plan, at: loop.eventLoop.now) }
        processHeld()
    }

    // MARK: Events

    override func isReady(for readiness: Readiness) {
        // Its end may have come in the same turn.
        guard state.phase != .closed, !state.isLeaving else { return }
        if readiness.contains(.output), socket.hasUnsent { sendRest() }
        if !readiness.isDisjoint(with: [.input, .ended]) { receive(hasEnded: !readiness.isDisjoint(with: .ended)) }
    }

    private func receive(hasEnded: Bool) {
        if wantsInput {
            readSocket()
        } else if hasEnded {
            // The peer is gone, and its end would be told of again and again.
            close(.clientGone)
        }
    }

    /// Whether input is wanted. While a request is in work it is, so that a client's going is noticed, until the client
    /// pipelines more; not while it leaves answers unread.
    var wantsInput: Bool {
        guard !state.inputEnded, !state.isLeaving, !awaitsTurn else { return false }
        switch state.phase {
        case .idle, .receiving: return !socket.hasUnsent
        // What comes behind the last request that is answered before the end is no longer of interest.
        case .working: return !hasBufferedInput && state.plan != .end
        case .finishing, .lingering: return true
        case .closed: return false
        }
    }

    /// Has the loop watch for what is wanted now.
    func watch() {
        guard state.phase != .closed, !state.isLeaving else { return }
        var interest: Readiness = wantsInput ? .input : []
        if socket.hasUnsent { interest.insert(.output) }
        loop.eventLoop.change(self, to: interest)
    }

    // MARK: Writing

    func sendRest() {
        guard socket.sendRest() else { return close(.clientGone) }
        guard !socket.hasUnsent else { return settle() }
        countUnread()
        state.writeStalled(false, at: loop.eventLoop.now)
        if state.phase == .finishing { lastAnswerFlushed() } else { processHeld() }
    }

    /// Gives what was put together to the kernel.
    func flush() {
        guard !loop.eventLoop.output.isEmpty else { return }
        defer { loop.eventLoop.output.clear() }
        guard state.phase != .closed else { return }
        guard socket.send(loop.eventLoop.output.bytes) else { return close(.clientGone) }
        if socket.hasUnsent {
            state.writeStalled(true, at: loop.eventLoop.now)
            countUnread()
        }
    }

    /// Tells the budget what this client leaves unread.
    func countUnread() {
        guard socket.unsentMemory != countedUnread else { return }
        loop.unread.changed(by: socket.unsentMemory - countedUnread)
        countedUnread = socket.unsentMemory
    }

    // MARK: Content

    /// Octets of content that have come of the request that it is at.
    var contentOctets: Int { (parser.content?.count ?? 0) + (work?.content.count ?? 0) }

    /// Tells the budget what content is held here. Of one that leaves none is: whoever takes it up counts it.
    func countContent() {
        let held = state.phase == .closed || state.isLeaving ? 0 : contentOctets
        guard held != countedContent else { return }
        loop.content.changed(by: held - countedContent)
        countedContent = held
    }
}
