import Glibc
import NIOCore
import Synchronization

/// How many connections a server may hold, over all its listeners and event loops.
final class ConnectionBudget: Sendable {
    private struct State {
        var limit: Int
        var open = 0
        var waiting: [@Sendable () -> Void] = []
    }

    private let state: Mutex<State>

    init(limit: Int) {
        state = Mutex(State(limit: limit))
    }

    /// Notes an accepted connection.
    func opened() { state.withLock { $0.open += 1 } }

    /// Notes a closed connection, and wakes listeners that wait for room.
    func closed() {
        let waiting = state.withLock { state in
            state.open -= 1
            return state.open < state.limit ? Self.take(&state.waiting) : []
        }
        for resume in waiting { resume() }
    }

    /// Returns for how many connections there is room; where there is none, `resume` is called once there is.
    func room(orElse resume: @escaping @Sendable () -> Void) -> Int {
        state.withLock { state in
            if state.open < state.limit { return state.limit - state.open }
            state.waiting.append(resume)
            return 0
        }
    }

    private static func take(_ waiting: inout [@Sendable () -> Void]) -> [@Sendable () -> Void] {
        defer { waiting = [] }
        return waiting
    }
}

/// Sits on a listener and holds its accepting back while the server is full, or the machine out of descriptors. What is
/// not accepted waits in the kernel's queue.
final class AcceptGate: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias OutboundIn = Never

    /// Connections that a listener accepts in one turn; NIO's default of 4 is too few for a burst.
    static let acceptsPerTurn: UInt = 32

    private let budget: ConnectionBudget
    private let observer: any ServerObserver
    private let isDraining: @Sendable () -> Bool
    private var accepts = AcceptGate.acceptsPerTurn
    private var isFull = false
    private var isExhausted = false

    init(budget: ConnectionBudget, observer: any ServerObserver, isDraining: @escaping @Sendable () -> Bool) {
        self.isDraining = isDraining
        self.budget = budget
        self.observer = observer
    }

    func read(context: ChannelHandlerContext) {
        if isDraining() { return }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let eventLoop = context.eventLoop
        let room = budget.room {
            eventLoop.execute {
                let (gate, context) = bound.value
                if context.channel.isActive { gate.read(context: context) }
            }
        }
        if room > 0 {
            if isFull { observer.acceptResumed(.connectionLimit) }
            isFull = false
            limitAccepts(to: min(UInt(room), Self.acceptsPerTurn), context)
            context.read()
        } else if !isFull {
            isFull = true
            observer.acceptPaused(.connectionLimit)
        }
    }

    /// One turn accepts no more than there was room for when it was asked for; so only where several listeners share
    /// the limit can it be passed, by a turn's worth.
    private func limitAccepts(to count: UInt, _ context: ChannelHandlerContext) {
        guard count != accepts else { return }
        accepts = count
        try? context.channel.syncOptions?.setOption(.maxMessagesPerRead, value: count)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        budget.opened()
        unwrapInboundIn(data).closeFuture.whenComplete { [budget] _ in budget.closed() }
        if isExhausted {
            isExhausted = false
            observer.acceptResumed(.descriptorsExhausted)
        }
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // NIO itself accepts no more for a second after such an error.
        if let error = error as? IOError, [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(error.errnoCode), !isExhausted {
            isExhausted = true
            observer.acceptPaused(.descriptorsExhausted)
        }
        context.fireErrorCaught(error)
    }
}
