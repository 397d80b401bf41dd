import NIOCore

/// Holds accepting back while the server is full, or the machine out of descriptors. What is not accepted waits in the
/// kernel's queues.
///
/// All listeners accept on one event loop, so that their turns come one after the other: each ends with its connections
/// counted, and the limit is never passed. Used on that loop only.
final class Acceptor {
    /// Connections that a listener accepts in one turn; NIO's default of 4 is too few for a burst.
    static let acceptsPerTurn: UInt = 32
    /// How often it is tried again without descriptors: some may be freed where nobody hears of it.
    static let retryInterval = TimeAmount.milliseconds(100)
    /// How long accepting must go well before it is said to: one that stops at every other connection would fill the
    /// journal.
    static let calm = TimeAmount.seconds(1)

    private let eventLoop: any EventLoop
    private let budget: ConnectionBudget
    private let observer: any ServerObserver
    private let isDraining: @Sendable () -> Bool
    private var gates: [AcceptGate] = []
    private var isOutOfDescriptors = false
    private var pauses: [AcceptPause: NIODeadline] = [:]
    private var timerIsSet = false

    init(
        eventLoop: any EventLoop,
        budget: ConnectionBudget,
        observer: any ServerObserver,
        isDraining: @escaping @Sendable () -> Bool
    ) {
        self.eventLoop = eventLoop
        self.budget = budget
        self.observer = observer
        self.isDraining = isDraining
    }

    func add(_ gate: AcceptGate) {
        gates.append(gate)
        update()
    }

    func remove(_ gate: AcceptGate) { gates.removeAll { $0 === gate } }

    /// Notes a connection, until it closes.
    func accepted(_ channel: any Channel) {
        budget.opened()
        channel.closeFuture.whenComplete { [budget] _ in budget.closed() }
    }

    /// Notes that accept(2) found no descriptor, or no memory for one.
    func ranOut() {
        isOutOfDescriptors = true
        paused(.descriptorsExhausted)
        update()
    }

    /// Lets each listener accept what there is room for.
    func update() {
        // A drain has switched the listeners off.
        if isDraining() { return }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let room = budget.room(isWanted: !isOutOfDescriptors) { [eventLoop] in
            eventLoop.execute {
                bound.value.isOutOfDescriptors = false
                bound.value.update()
            }
        }
        if room == 0, !isOutOfDescriptors { paused(.connectionLimit) }
        let allowed = min(UInt(room), Self.acceptsPerTurn)
        for gate in gates { gate.allow(allowed) }
    }

    // MARK: What is said about it

    private func paused(_ reason: AcceptPause) {
        if pauses.updateValue(.now(), forKey: reason) == nil { observer.acceptPaused(reason) }
        setTimer()
    }

    private func setTimer() {
        guard !timerIsSet, !gates.isEmpty else { return }
        timerIsSet = true
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.scheduleTask(in: Self.retryInterval) { bound.value.retry() }
    }

    private func retry() {
        timerIsSet = false
        if isDraining() { return }
        isOutOfDescriptors = false
        update()
        let now = NIODeadline.now()
        for (reason, last) in pauses where now >= last + Self.calm {
            pauses[reason] = nil
            observer.acceptResumed(reason)
        }
        if !pauses.isEmpty { setTimer() }
    }
}
