import Glibc
import Synchronization

/// An HTTP/1.1 server for listening sockets that somebody else opened.
///
/// It serves any number of listeners on the event loops that it is given, until it is drained.
public final class HTTPServer: Sendable {
    /// A listening socket that the server takes over.
    public struct Listener: Sendable {
        /// The listener's name, as journal entries and metrics carry it.
        public var name: String
        /// The descriptor: a bound, listening stream socket. The server closes it, and never calls `shutdown(2)` on it.
        public var descriptor: CInt
        /// Whether it is a TCP socket; otherwise it is a Unix socket.
        public var isTCP: Bool
        /// Connections that listeners of this name may have, whatever others have; nil where they share the server's. What
        /// comes over those of their own is answered also where too many requests are in work.
        public var maxConnections: Int?
        /// Whether trusted peers begin each connection with a header of the PROXY protocol, version 1 or 2.
        public var expectsProxyHeader: Bool

        /// Creates a listener.
        public init(
            name: String,
            descriptor: CInt,
            isTCP: Bool,
            maxConnections: Int? = nil,
            expectsProxyHeader: Bool = false
        ) {
            self.expectsProxyHeader = expectsProxyHeader
            self.name = name
            self.descriptor = descriptor
            self.isTCP = isTCP
            self.maxConnections = maxConnections
        }
    }

    /// What reload may change; new connections follow it.
    public struct Settings: Sendable, Equatable {
        /// How much of a request is taken in.
        public var limits: RequestLimits
        /// How long each step of a connection may take.
        public var timeouts: ConnectionTimeouts
        /// Octets of answers that all clients together may leave unread; past it, answers are 503. At once.
        public var unreadAnswers: Int
        /// Requests that may be in work at once; past it, the answer is 503. At once.
        public var requestsInWork: Int
        /// Octets of content that requests which are not answered yet may have brought together, where responders take it;
        /// past it, the answer is 503. At once.
        public var heldContent: Int
        /// Whose word is taken for who the client is.
        public var forwarding: ForwardingTrust

        /// Creates settings.
        public init(
            limits: RequestLimits = RequestLimits(),
            timeouts: ConnectionTimeouts = ConnectionTimeouts(),
            unreadAnswers: Int = 1 << 26,
            requestsInWork: Int = .max,
            heldContent: Int = 1 << 26,
            forwarding: ForwardingTrust = ForwardingTrust()
        ) {
            self.requestsInWork = requestsInWork
            self.heldContent = heldContent
            self.forwarding = forwarding
            self.limits = limits
            self.timeouts = timeouts
            self.unreadAnswers = unreadAnswers
        }
    }

    /// How a drain ended.
    public struct DrainResult: Sendable, Equatable {
        /// Connections that were cut because the time was up.
        public var cutConnections = 0
        /// Requests that were still in work on them.
        public var cutRequests = 0
    }

    private struct Loop: Sendable {
        var eventLoop: EpollLoop
        var context: OnLoop<LoopContext>
        var counters: LoopCounters
    }

    private let loops: [Loop]
    private let responder: any Responder
    private let observer: any ServerObserver
    private let budget: ConnectionBudget
    private let acceptor: OnLoop<Acceptor>
    private let settings: Mutex<ConnectionSettings>
    let unread: UnreadBudget
    private let work: WorkBudget
    let content: ContentBudget
    private let origins = Mutex<[String: ConnectionOrigin]>([:])
    /// Which loop the next connection goes to.
    private let turn = Atomic<Int>(0)
    private let draining = Atomic<Bool>(false)
    private let awaitingHandOver = Atomic<Bool>(false)

    /// Creates a server; it serves nothing until it is given listeners.
    ///
    /// - Parameters:
    ///   - loops: The event loops to serve on, at least one.
    ///   - settings: Limits and timeouts.
    ///   - maxConnections: Open connections past which accepting pauses.
    ///   - responder: Answers requests.
    ///   - observer: Hears what happens.
    public init(
        loops: [EpollLoop],
        settings: Settings,
        maxConnections: Int,
        responder: any Responder,
        observer: any ServerObserver
    ) {
        precondition(!loops.isEmpty, "a server needs an event loop")
        self.responder = responder
        self.observer = observer
        self.settings = Mutex(ConnectionSettings(settings, responder: responder, observer: observer))
        let budget = ConnectionBudget(limit: maxConnections)
        self.budget = budget
        let unread = UnreadBudget(limit: settings.unreadAnswers)
        self.unread = unread
        acceptor = OnLoop(Acceptor(eventLoop: loops[0], observer: observer), loops[0])
        let counters = loops.map { _ in LoopCounters() }
        let work = WorkBudget(limit: settings.requestsInWork, loops: counters)
        self.work = work
        let content = ContentBudget(limit: settings.heldContent)
        self.content = content
        self.loops = zip(loops, counters).map { eventLoop, counters in
            let context = LoopContext(
                eventLoop: eventLoop,
                counters: counters,
                unread: unread,
                work: work,
                content: content
            )
            return Loop(eventLoop: eventLoop, context: OnLoop(context, eventLoop), counters: counters)
        }
    }

    /// The live counts.
    public var counts: ServerCounts { ServerCounts(loops.map(\.counters)) }

    /// The most connections that were open since this was asked last, summed over the event loops. Looking at ``counts``
    /// from time to time would miss a short peak.
    public func takePeakConnections() -> Int {
        loops.reduce(0) { $0 + $1.counters.peakConnections.exchange(0, ordering: .relaxed) }
    }

    /// Whether a drain has begun, or is announced.
    public var isDraining: Bool { draining.load(ordering: .relaxed) }

    /// Whether a hand-over waits for requests that cannot be asked twice, on every event loop; everybody is served
    /// meanwhile.
    package var awaitsHandOver: Bool { awaitingHandOver.load(ordering: .relaxed) }

    /// Changes limits and timeouts for connections accepted from now on.
    public func update(_ settings: Settings) {
        let changed = ConnectionSettings(settings, responder: responder, observer: observer)
        self.settings.withLock { $0 = changed }
        unread.setLimit(settings.unreadAnswers)
        work.setLimit(settings.requestsInWork)
        content.setLimit(settings.heldContent)
    }

    /// What connections of a listener have in common, also if it is one that another process had.
    private func origin(
        _ name: String,
        maxConnections: Int? = nil,
        expectsProxyHeader: Bool = false
    ) -> ConnectionOrigin {
        origins.withLock { origins in
            if let known = origins[name] { return known }
            let origin = ConnectionOrigin(
                name: name,
                budget: maxConnections.map { ConnectionBudget(limit: $0) } ?? budget,
                isAlwaysAnswered: maxConnections != nil,
                expectsProxyHeader: expectsProxyHeader
            )
            origins[name] = origin
            return origin
        }
    }

    /// How many connections may be open.
    public var maxConnections: Int { budget.limit }

    /// Changes how many connections may be open. Where there are more already, none is closed.
    public func setMaxConnections(_ limit: Int) {
        budget.resize(to: limit)
    }

    // MARK: Serving

    /// Accepts connections from a listener. Returns once it does; the descriptor is the server's from the call on.
    ///
    /// - Throws: ``SystemCallError`` for a descriptor that is no listening stream socket, or that cannot be watched.
    public func serve(_ listener: Listener) async throws {
        let descriptor = listener.descriptor
        do {
            try ListeningSocket.prepare(descriptor)
        } catch {
            close(descriptor)
            throw error
        }
        let origin = origin(
            listener.name,
            maxConnections: listener.maxConnections,
            expectsProxyHeader: listener.expectsProxyHeader
        )
        let failure: (any Error)? = await loops[0].eventLoop.call { [self, acceptor] in
            let socket = ListeningSocket(
                descriptor: descriptor,
                isTCP: listener.isTCP,
                origin: origin,
                acceptor: acceptor.here
            ) { [self] accepted, peer in begin(accepted, peer, origin) }
            do {
                try acceptor.here.add(socket)
                return nil
            } catch {
                close(descriptor)
                return error
            }
        }
        if let failure { throw failure }
    }

    /// Gives an accepted connection to the loop whose turn it is. All that it meets on its way is the loop's queue.
    private func begin(_ descriptor: CInt, _ peer: ClientAddress, _ origin: ConnectionOrigin) {
        let number = turn.wrappingAdd(1, ordering: .relaxed).oldValue
        let loop = loops[Int(UInt(bitPattern: number) % UInt(loops.count))]
        loop.context.use { [self] context, _ in
            let connection = Connection(
                descriptor: descriptor,
                peer: peer,
                loop: context,
                settings: settings.withLock { $0 },
                origin: origin
            )
            do {
                try connection.begin()
            } catch {
                cannotBeWatched(origin)
            }
        }
    }

    /// The kernel watches no more for this user (epoll(7), max_user_watches), or has no memory.
    private func cannotBeWatched(_ origin: ConnectionOrigin) {
        origin.budget.closed()
        acceptor.use { acceptor, _ in acceptor.ranOut() }
    }

    /// Takes up connections that another server gave up, and serves them from where that one left off. Returns when all
    /// are served; the descriptors are the server's from the call on.
    ///
    /// - Returns: how many were taken up. The others could not be used, and are closed.
    public func takeUp(_ connections: [OpenConnection]) async -> Int {
        // All loops at once: nobody is served before the last one is done.
        let taken = await withTaskGroup(of: Int.self) { group in
            for (number, loop) in loops.enumerated() {
                group.addTask { [self] in
                    await loop.eventLoop.call { [self] in
                        stride(from: number, to: connections.count, by: loops.count)
                            .count { takeUp(connections[$0], loop.context.here) }
                    }
                }
            }
            return await group.reduce(0, +)
        }
        // There is less room than the listeners know of.
        acceptor.use { acceptor, _ in acceptor.update() }
        return taken
    }

    private func takeUp(_ open: OpenConnection, _ context: LoopContext) -> Bool {
        let flags = fcntl(open.descriptor, F_GETFL)
        let settings = settings.withLock { $0 }
        let origin = origin(open.listener)
        // It most often is: the flag is the connection's, whichever process has it.
        let isNonBlocking = flags >= 0 && flags & O_NONBLOCK != 0
        guard flags >= 0, isNonBlocking || fcntl(open.descriptor, F_SETFL, flags | O_NONBLOCK) == 0,
            let (connection, head) = Connection.takingUp(open, loop: context, settings: settings, origin: origin)
        else {
            close(open.descriptor)
            return false
        }
        origin.budget.opened()
        do {
            try connection.goOn(with: open, head)
            return true
        } catch {
            // It is nothing that can be watched, or the kernel watches no more; it is closed with its end.
            origin.budget.closed()
            return false
        }
    }

    // MARK: Stopping

    /// Says to everybody that the server is about to stop, and serves them as before: each connection ends with its next
    /// answer, which says so, and requests hear that the server drains. So whoever spreads requests over several servers
    /// can notice before a listener closes. A drain is to follow.
    ///
    /// - Parameter time: How long; returns after that, or when the task is cancelled.
    public func leave(for time: Duration) async {
        for loop in loops { await loop.eventLoop.call { loop.context.here.leave() } }
        draining.store(true, ordering: .relaxed)
        try? await LoopClock(loops[0].eventLoop).sleep(for: time)
    }

    /// Stops: accepts no more, answers what was asked, closes connections, each as soon as it can be.
    ///
    /// What was not accepted stays in the listeners' queues, for whoever accepts from them next.
    ///
    /// Where a keeper is given, connections are handed over instead of closed, each with the request that it is at. Requests
    /// that cannot be asked twice are waited for before that, and everybody is served meanwhile. A connection that the
    /// keeper does not take is closed, like those of a stop.
    ///
    /// Connections that are kept stay open in this process too, until it ends; see ``takeBack()``.
    ///
    /// - Parameters:
    ///   - timeout: When connections that are still open are cut.
    ///   - keeper: Who keeps the open connections.
    public func drain(timeout: Duration, to keeper: (any ConnectionKeeper)? = nil) async -> DrainResult {
        let deadline = MonotonicTime.now() + timeout
        if keeper != nil {
            for loop in loops { await loop.eventLoop.call { loop.context.here.beginHandOver() } }
            awaitingHandOver.store(true, ordering: .relaxed)
            defer { awaitingHandOver.store(false, ordering: .relaxed) }
            // Again and again, until none had to be waited for: others may have begun meanwhile.
            var isWaiting = true
            while isWaiting {
                isWaiting = await withTaskGroup(of: Bool.self) { group in
                    for loop in loops {
                        group.addTask { await LoopContext.awaitTravellers(loop.context, until: deadline) }
                    }
                    return await group.reduce(false) { $0 || $1 }
                }
            }
        }
        draining.store(true, ordering: .relaxed)
        // What was accepted is in the queues of the loops, before what they are asked next.
        await loops[0].eventLoop.call { [acceptor] in acceptor.here.stop() }
        let isEmpty = await withTaskGroup(of: Bool.self) { group in
            for loop in loops {
                group.addTask { await LoopContext.drain(loop.context, until: deadline, to: keeper) }
            }
            return await group.reduce(true) { $0 && $1 }
        }
        var result = DrainResult()
        if isEmpty { return result }
        for loop in loops {
            let cut = await loop.eventLoop.call { loop.context.here.abort() }
            result.cutConnections += cut.connections
            result.cutRequests += cut.requests
        }
        return result
    }

    /// Hands nothing over after all: connections that were kept are served here again, and end as by a stop. A drain
    /// that is under way goes on with them; after one that has ended, begin another.
    ///
    /// Whoever kept them has to let go of them.
    public func takeBack() async {
        await withTaskGroup(of: Void.self) { group in
            for loop in loops { group.addTask { await loop.eventLoop.call { loop.context.here.takeBack() } } }
        }
    }
}
