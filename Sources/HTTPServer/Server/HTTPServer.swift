import Glibc
public import NIOCore
import NIOPosix
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
        var eventLoop: any EventLoop
        var context: NIOLoopBound<LoopContext>
        var counters: LoopCounters
    }

    /// Small at first: most requests are, and many connections wait.
    private static let receiveAllocator = AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 1024, maximum: 16384)

    private let loops: [Loop]
    private let group: any EventLoopGroup
    private let responder: any Responder
    private let observer: any ServerObserver
    private let budget: ConnectionBudget
    private let acceptLoop: any EventLoop
    private let acceptor: NIOLoopBound<Acceptor>
    private let settings: Mutex<ConnectionSettings>
    private let listeners = Mutex<[any Channel]>([])
    private let draining = DrainFlag()

    private final class DrainFlag: Sendable {
        let isSet = Atomic<Bool>(false)
    }

    /// Creates a server; it serves nothing until it is given listeners.
    ///
    /// - Parameters:
    ///   - group: The event loops to serve on.
    ///   - settings: Limits and timeouts.
    ///   - maxConnections: Open connections past which accepting pauses.
    ///   - responder: Answers requests.
    ///   - observer: Hears what happens.
    public init(
        group: any EventLoopGroup,
        settings: Settings,
        maxConnections: Int,
        responder: any Responder,
        observer: any ServerObserver
    ) async throws {
        self.group = group
        self.responder = responder
        self.observer = observer
        self.settings = Mutex(ConnectionSettings(settings, responder: responder, observer: observer))
        let budget = ConnectionBudget(limit: maxConnections)
        let acceptLoop = group.next()
        self.budget = budget
        self.acceptLoop = acceptLoop
        acceptor = try await acceptLoop.submit { [draining] in
            let acceptor = Acceptor(
                eventLoop: acceptLoop,
                budget: budget,
                observer: observer,
                isDraining: { draining.isSet.load(ordering: .relaxed) }
            )
            return NIOLoopBound(acceptor, eventLoop: acceptLoop)
        }.get()
        var loops: [Loop] = []
        for eventLoop in group.makeIterator() {
            let counters = LoopCounters()
            let context = try await eventLoop.submit {
                NIOLoopBound(LoopContext(eventLoop: eventLoop, counters: counters), eventLoop: eventLoop)
            }.get()
            loops.append(Loop(eventLoop: eventLoop, context: context, counters: counters))
        }
        self.loops = loops
    }

    /// The live counts.
    public var counts: ServerCounts { ServerCounts(loops.map(\.counters)) }

    /// The most connections that were open since this was asked last, summed over the event loops. Looking at ``counts``
    /// from time to time would miss a short peak.
    public func takePeakConnections() -> Int {
        loops.reduce(0) { $0 + $1.counters.peakConnections.exchange(0, ordering: .relaxed) }
    }

    /// Whether a drain has begun.
    public var isDraining: Bool { draining.isSet.load(ordering: .relaxed) }

    /// Changes limits and timeouts for connections accepted from now on.
    public func update(_ settings: Settings) {
        let changed = ConnectionSettings(settings, responder: responder, observer: observer)
        self.settings.withLock { $0 = changed }
    }

    // MARK: Serving

    /// Accepts connections from a listener. Returns once it does; the descriptor is the server's from the call on.
    ///
    /// - Throws: What NIO says of a descriptor that it cannot use.
    public func serve(_ listener: Listener) async throws {
        let contexts = Dictionary(uniqueKeysWithValues: loops.map { (ObjectIdentifier($0.eventLoop), $0.context) })
        let bootstrap = ServerBootstrap(group: acceptLoop, childGroup: group)
            .serverChannelOption(.maxMessagesPerRead, value: Acceptor.acceptsPerTurn)
            .serverChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptGate(acceptor: acceptor.value))
                }
            }
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.recvAllocator, value: Self.receiveAllocator)
            .childChannelInitializer { [self] channel in
                guard let context = contexts[ObjectIdentifier(channel.eventLoop)] else {
                    return channel.eventLoop.makeFailedFuture(ChannelError.inappropriateOperationForState)
                }
                return channel.eventLoop.makeCompletedFuture {
                    if listener.isTCP {
                        try channel.syncOptions?.setOption(.tcpOption(.tcp_nodelay), value: 1)
                    }
                    let handler = ConnectionHandler(
                        loop: context.value,
                        settings: settings.withLock { $0 },
                        listener: listener.name
                    )
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
        let channel = try await bootstrap.withBoundSocket(listener.descriptor).get()
        // NIO has just called listen(2) with a queue of 128, and its backlog option does not reach a socket that was
        // bound before; this restores the longest that the kernel gives.
        _ = listen(listener.descriptor, CInt.max)
        listeners.withLock { $0.append(channel) }
    }

    /// Takes up connections that another server gave up, and serves them from where that one left off. Returns when all
    /// are served; the descriptors are the server's from the call on.
    ///
    /// - Returns: how many were taken up. The others had ended meanwhile, or could not be used, and are closed.
    public func takeUp(_ connections: [OpenConnection]) async -> Int {
        let taken = await withTaskGroup(of: Int.self) { group in
            let shares = loops.count
            for (number, loop) in loops.enumerated() {
                let share = connections.enumerated().filter { $0.offset % shares == number }.map(\.element)
                group.addTask { await self.takeUp(share, on: loop) }
            }
            return await group.reduce(0, +)
        }
        // There is less room than the listeners know of.
        acceptLoop.execute { [acceptor] in acceptor.value.update() }
        return taken
    }

    private func takeUp(_ connections: [OpenConnection], on loop: Loop) async -> Int {
        let taken = loop.eventLoop.flatSubmit { [self] in
            let attempts = connections.map { connection in takeUp(connection, on: loop) }
            return EventLoopFuture.whenAllComplete(attempts, on: loop.eventLoop)
        }
        let results = try? await taken.get()
        return results?.count { if case .success = $0 { true } else { false } } ?? 0
    }

    private func takeUp(_ connection: OpenConnection, on loop: Loop) -> EventLoopFuture<any Channel> {
        ClientBootstrap(group: loop.eventLoop)
            .channelOption(.autoRead, value: false)
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.recvAllocator, value: Self.receiveAllocator)
            .channelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    budget.opened()
                    channel.closeFuture.whenComplete { [budget] _ in budget.closed() }
                    let handler = ConnectionHandler(
                        loop: loop.context.value,
                        settings: settings.withLock { $0 },
                        listener: connection.listener,
                        takenUp: channel.allocator.buffer(bytes: connection.received)
                    )
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .withConnectedSocket(connection.descriptor)
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
    public func drain(timeout: Duration, to keeper: (any ConnectionKeeper)? = nil) async throws -> DrainResult {
        draining.isSet.store(true, ordering: .relaxed)
        let deadline = NIODeadline.now() + TimeAmount(timeout)
        try await stopAccepting()
        let whenEmpty = loops.map { loop in loop.eventLoop.flatSubmit { loop.context.value.drain(to: keeper) } }
        guard let first = loops.first else { return DrainResult() }
        let empty = EventLoopFuture.andAllSucceed(whenEmpty, on: first.eventLoop)
        let isEmpty = first.eventLoop.makePromise(of: Bool.self)
        empty.whenComplete { _ in isEmpty.succeed(true) }
        let timer = first.eventLoop.scheduleTask(deadline: deadline) { isEmpty.succeed(false) }
        defer { timer.cancel() }
        if try await isEmpty.futureResult.get() { return DrainResult() }
        var result = DrainResult(cutConnections: counts.connections)
        for loop in loops {
            result.cutRequests += try await loop.eventLoop.submit { loop.context.value.abort() }.get()
        }
        return result
    }

    /// Closes the listeners without losing a connection that the kernel has already handed out.
    private func stopAccepting() async throws {
        let listeners = listeners.withLock { channels in
            defer { channels = [] }
            return channels
        }
        for listener in listeners { try await listener.setOption(.autoRead, value: false).get() }
        // An accepted connection goes from the listener's loop to its own, back, and to its own again before it is
        // registered; a turn of every loop for each of these steps sees all of them through.
        for _ in 0..<4 {
            for loop in loops { try await loop.eventLoop.submit {}.get() }
        }
        for listener in listeners { try? await listener.close().get() }
    }
}
