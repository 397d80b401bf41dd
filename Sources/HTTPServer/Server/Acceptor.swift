/// Holds accepting back while the server is full, or the machine out of descriptors. What is not accepted waits in the
/// kernel's queues.
///
/// All listeners accept on one event loop, so that their turns come one after the other: each ends with its connections
/// counted, and the limit is never passed. Used on that loop only.
final class Acceptor {
    /// Connections that a listener accepts in one turn: what is open already is served between them.
    static let acceptsPerTurn = 32
    /// How often it is tried again without descriptors: some may be freed where nobody hears of it.
    static let retryInterval = Duration.milliseconds(100)
    /// How long accepting must go well before it is said to: one that stops at every other connection would fill the
    /// journal.
    static let calm = Duration.seconds(1)

    private let eventLoop: EpollLoop
    private let observer: any ServerObserver
    private var listeners: [ListeningSocket] = []
    private var isStopped = false
    private var isOutOfDescriptors = false
    private var pauses: [AcceptPause: MonotonicTime] = [:]
    private var timerIsSet = false

    init(
        eventLoop: EpollLoop,
        observer: any ServerObserver
    ) {
        self.eventLoop = eventLoop
        self.observer = observer
    }

    /// Begins to accept from a listener.
    func add(_ listener: ListeningSocket) throws {
        try eventLoop.add(listener, for: [])
        listeners.append(listener)
        update()
    }

    /// Closes the listeners. A connection that one of them accepted is in the queue of its event loop by now.
    func stop() {
        isStopped = true
        for listener in listeners { listener.close(on: eventLoop) }
        listeners = []
    }

    /// Gives up a listener that can accept no more.
    func failed(_ listener: ListeningSocket) {
        listener.close(on: eventLoop)
        listeners.removeAll { $0 === listener }
        observer.acceptPaused(.listenerFailed)
        if listeners.isEmpty { observer.listenersFailed() }
    }

    /// Notes that accept(2) found no descriptor, or no memory for one.
    func ranOut() {
        isOutOfDescriptors = true
        paused(.descriptorsExhausted)
        update()
    }

    /// Lets each listener accept what there is room for.
    func update() {
        if isStopped { return }
        for listener in listeners { update(listener) }
    }

    private func update(_ listener: ListeningSocket) {
        let acceptor = OnLoop(self, eventLoop)
        let room = listener.origin.budget.room(isWanted: !isOutOfDescriptors) { [eventLoop] in
            eventLoop.execute {
                acceptor.here.isOutOfDescriptors = false
                acceptor.here.update()
            }
        }
        if room == 0, !isOutOfDescriptors { paused(.connectionLimit) }
        listener.allow(min(room, Self.acceptsPerTurn), on: eventLoop)
    }

    // MARK: What is said about it

    private func paused(_ reason: AcceptPause) {
        if pauses.updateValue(eventLoop.now, forKey: reason) == nil { observer.acceptPaused(reason) }
        setTimer()
    }

    private func setTimer() {
        guard !timerIsSet, !listeners.isEmpty else { return }
        timerIsSet = true
        eventLoop.schedule(at: eventLoop.now + Self.retryInterval) { self.retry() }
    }

    private func retry() {
        timerIsSet = false
        if isStopped { return }
        isOutOfDescriptors = false
        update()
        let now = eventLoop.now
        for (reason, last) in pauses where now >= last + Self.calm {
            pauses[reason] = nil
            observer.acceptResumed(reason)
        }
        if !pauses.isEmpty { setTimer() }
    }
}
