import Glibc
import NIOCore
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

        /// Creates a listener.
        public init(name: String, descriptor: CInt, isTCP: Bool) {
            self.name = name
            self.descriptor = descriptor
            self.isTCP = isTCP
        }
    }

    /// What reload may change; new connections follow it.
    public struct Settings: Sendable, Equatable {
        /// How much of a request is taken in.
        public var limits: RequestLimits
        /// How long each step of a connection may take.
        public var timeouts: ConnectionTimeouts

        /// Creates settings.
        public init(limits: RequestLimits = RequestLimits(), timeouts: ConnectionTimeouts = ConnectionTimeouts()) {
            self.limits = limits
            self.timeouts = timeouts
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
    /// Which loop the next connection goes to.
    private let turn = Atomic<Int>(0)
    private let draining = Atomic<Bool>(false)

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
        acceptor = OnLoop(Acceptor(eventLoop: loops[0], budget: budget, observer: observer), loops[0])
        self.loops = loops.map { eventLoop in
            let counters = LoopCounters()
            let context = LoopContext(eventLoop: eventLoop, counters: counters, budget: budget)
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

    /// Whether a drain has begun.
    public var isDraining: Bool { draining.load(ordering: .relaxed) }

    /// Changes limits and timeouts for connections accepted from now on.
    public func update(_ settings: Settings) {
        let changed = ConnectionSettings(settings, responder: responder, observer: observer)
        self.settings.withLock { $0 = changed }
    }

    // MARK: Serving

    /// Accepts connections from a listener. Returns once it does; the descriptor is the server's from the call on.
    ///
    /// - Throws: `IOError` for a descriptor that is no listening stream socket, or that cannot be watched.
    public func serve(_ listener: Listener) async throws {
        let descriptor = listener.descriptor
        do {
            try ListeningSocket.prepare(descriptor)
        } catch {
            close(descriptor)
            throw error
        }
        let failure: (any Error)? = await loops[0].eventLoop.call { [self, acceptor] in
            let socket = ListeningSocket(
                descriptor: descriptor,
                isTCP: listener.isTCP,
                acceptor: acceptor.here
            ) { [self] accepted, remote in
                begin(OpenConnection(descriptor: accepted, listener: listener.name), remote)
            }
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
    private func begin(_ connection: OpenConnection, _ remote: ClientAddress) {
        let number = turn.wrappingAdd(1, ordering: .relaxed).oldValue
        let loop = loops[Int(UInt(bitPattern: number) % UInt(loops.count))]
        loop.context.use { [self] context, _ in
            _ = begin(connection, remote, takenUp: nil, context)
        }
    }

    /// Returns whether the connection is served; one that cannot be is closed.
    private func begin(
        _ connection: OpenConnection,
        _ remote: ClientAddress,
        takenUp: [UInt8]?,
        _ context: LoopContext
    ) -> Bool {
        let connection = Connection(
            descriptor: connection.descriptor,
            remote: remote,
            loop: context,
            settings: settings.withLock { $0 },
            listener: connection.listener,
            takenUp: takenUp
        )
        do {
            try connection.begin()
            return true
        } catch {
            // The kernel watches no more for this user (epoll(7), max_user_watches), or has no memory.
            budget.closed()
            acceptor.use { acceptor, _ in acceptor.ranOut() }
            return false
        }
    }

    /// Takes up connections that another server gave up, and serves them from where that one left off. Returns when all
    /// are served; the descriptors are the server's from the call on.
    ///
    /// - Returns: how many were taken up. The others could not be used, and are closed.
    public func takeUp(_ connections: [OpenConnection]) async -> Int {
        var taken = 0
        for (number, loop) in loops.enumerated() {
            let share = connections.enumerated().filter { $0.offset % loops.count == number }.map(\.element)
            taken += await loop.eventLoop.call { [self] in share.count { takeUp($0, loop.context.here) } }
        }
        // There is less room than the listeners know of.
        acceptor.use { acceptor, _ in acceptor.update() }
        return taken
    }

    private func takeUp(_ connection: OpenConnection, _ context: LoopContext) -> Bool {
        let descriptor = connection.descriptor
        let flags = fcntl(descriptor, F_GETFL)
        guard flags >= 0, fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0 else {
            close(descriptor)
            return false
        }
        budget.opened()
        return begin(connection, ClientAddress(peerOf: descriptor), takenUp: connection.received, context)
    }

    // MARK: Stopping

    /// Stops: accepts no more, answers what was asked, closes connections, each as soon as it can be.
    ///
    /// What was not accepted stays in the listeners' queues, for whoever accepts from them next.
    ///
    /// Where a keeper is given, a connection is handed over instead of closed, as soon as no request of it is in work. One
    /// that the keeper does not take is closed.
    ///
    /// - Parameters:
    ///   - timeout: When connections that are still open are cut.
    ///   - keeper: Who keeps the open connections.
    public func drain(timeout: Duration, to keeper: (any ConnectionKeeper)? = nil) async -> DrainResult {
        draining.store(true, ordering: .relaxed)
        let deadline = NIODeadline.now() + TimeAmount(timeout)
        // What was accepted is in the queues of the loops, before what they are asked next.
        await loops[0].eventLoop.call { [acceptor] in acceptor.here.stop() }
        let isEmpty = await withTaskGroup(of: Bool.self) { group in
            for loop in loops {
                group.addTask { await LoopContext.drain(loop.context, until: deadline, to: keeper) }
            }
            return await group.reduce(true) { $0 && $1 }
        }
        if isEmpty { return DrainResult() }
        var result = DrainResult(cutConnections: counts.connections)
        for loop in loops {
            result.cutRequests += await loop.eventLoop.call { loop.context.here.abort() }
        }
        return result
    }
}
