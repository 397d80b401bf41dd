import NIOCore
import NIOPosix

/// One event loop's part of a load. All of it runs on that loop.
///
/// There is one repeated task, and no timer per request: it sweeps the slots for deadlines every 100 ms and lets go of
/// what waits (think time, a pause after a refusal, the pace of connecting) every 5 ms.
final class LoadWorker {
    static let tick: TimeAmount = .milliseconds(5)
    static let ticksPerSweep = 20
    /// How long a client stays away after it was refused.
    static let pauseAfterFailure: UInt64 = 10_000_000

    let loop: any EventLoop
    let plan: RequestPlan
    let address: SocketAddress
    let style: LoadStyle
    let pace: ConnectPace
    let encoder: RequestEncoder
    let timeout: UInt64
    /// How long a connection that announced its close is waited for.
    let lingerTime: UInt64
    let slots: [LoadSlot]
    /// Fulfilled when there is nothing more to do.
    let finished: EventLoopPromise<LoadReport>
    /// Fulfilled when each slot of a burst is connected, or has failed to.
    let allConnected: EventLoopPromise<Void>

    var report: LoadReport
    var nextSequence: UInt64
    let sequenceStride: UInt64
    var connectQueue = CircularBuffer<LoadSlot>()
    var connecting = 0
    var connectsBegun = 0
    var isPumping = false
    /// While a Unix socket's queue is full: when it was first found so, and until when to leave it alone.
    var queueFullSince: UInt64?
    var holdUntil: UInt64 = 0
    var thinking = CircularBuffer<(due: UInt64, slot: LoadSlot)>()
    var paused = CircularBuffer<(due: UInt64, slot: LoadSlot)>()
    var lingering = CircularBuffer<(due: UInt64, connection: LoadConnection)>()
    /// Requests that are counted and have no outcome yet.
    var inFlight = 0
    var doneCount = 0
    var awaitsConnect = 0
    var isStopping = false
    var graceEnd: UInt64 = .max
    var settle: UInt64 = 0
    var settleEnd: UInt64?
    private var ticks = 0
    private var ticker: RepeatedTask?
    private(set) var isFinished = false
    private var isEndingRequests = false

    init(
        loop: any EventLoop,
        plan: RequestPlan,
        address: SocketAddress,
        style: LoadStyle,
        pace: ConnectPace,
        slots count: Int,
        firstSequence: UInt64,
        sequenceStride: UInt64,
        start: UInt64
    ) {
        self.loop = loop
        self.plan = plan
        self.address = address
        self.style = style
        self.pace = pace
        self.sequenceStride = sequenceStride
        encoder = RequestEncoder(plan: plan, announceClose: style.announcesClose)
        timeout = UInt64(clamping: plan.timeout.wholeNanoseconds)
        lingerTime = UInt64(clamping: plan.closeWithin.wholeNanoseconds)
        slots = (0..<count).map { _ in LoadSlot() }
        finished = loop.makePromise()
        allConnected = loop.makePromise()
        report = LoadReport(label: plan.label, startNanoseconds: start)
        nextSequence = firstSequence
        awaitsConnect = count
    }

    func start() {
        for slot in slots { connectQueue.append(slot) }
        let bound = NIOLoopBound(self, eventLoop: loop)
        // The ticks end with the load, or with the loop.
        let ticksEnded = loop.makePromise(of: Void.self)
        ticksEnded.futureResult.assumeIsolated().whenComplete { [self] _ in loopEnded() }
        ticker = loop.scheduleRepeatedTask(initialDelay: Self.tick, delay: Self.tick, notifying: ticksEnded) { _ in
            bound.value.onTick()
        }
        if slots.isEmpty {
            allConnected.succeed()
            beginStop(grace: 0, settle: 0)
        }
        pump()
    }

    /// Begins no more requests; finishes when those in work are done, or the grace is over.
    func beginStop(grace: UInt64, settle: UInt64) {
        guard !isFinished else { return }
        isStopping = true
        let end = monotonicNow().addingReportingOverflow(grace)
        graceEnd = min(graceEnd, end.overflow ? .max : end.partialValue)
        self.settle = settle
        pump()
        finishIfDone()
    }

    /// Ends the load when its time is over.
    func end(in bound: Duration) {
        loop.assumeIsolated().scheduleTask(in: .nanoseconds(bound.wholeNanoseconds)) { [weak self] in
            self?.beginStop(grace: 0, settle: 0)
        }
    }

    private func onTick() {
        let now = monotonicNow()
        ticks += 1
        while let first = thinking.first, first.due <= now {
            thinking.removeFirst()
            begin(first.slot)
        }
        while let first = paused.first, first.due <= now {
            paused.removeFirst()
            enqueue(first.slot)
        }
        while let first = lingering.first, first.due <= now {
            lingering.removeFirst()
            if first.connection.channel != nil { report.closeMissing += 1 }
            first.connection.abandon()
        }
        pump()
        if ticks % Self.ticksPerSweep == 0 { sweep(now) }
        finishIfDone()
    }

    /// Ends requests that are over their time.
    private func sweep(_ now: UInt64) {
        for slot in slots where slot.state == .connecting || slot.state == .inWork {
            guard now > slot.since, now - slot.since > timeout else { continue }
            let stage =
                slot.state == .connecting
                ? "no connection"
                : slot.connection?.isInsideAnswer == true ? "an answer begun, not ended" : "no answer"
            fail(slot, .timedOut, at: now) { [plan] in
                "\(stage) within \(plan.timeout.secondsText) s, source port \(slot.connection?.localName ?? "?")"
            }
        }
    }

    /// Looks whether a stopped load has come to its end.
    func finishIfDone() {
        guard isStopping, !isFinished, !isEndingRequests else { return }
        let now = monotonicNow()
        if inFlight > 0 {
            guard now >= graceEnd else { return }
            isEndingRequests = true
            for slot in slots where slot.isCounted {
                let stage = slot.state == .inWork ? "waiting for the answer" : "without a connection or not sent"
                fail(slot, .unfinished, at: now) { "still \(stage) when the load ended" }
            }
            isEndingRequests = false
        }
        // A moment more, in which an answer too many would come.
        guard let settleEnd else {
            report.endNanoseconds = now
            settleEnd = now + settle
            if settle == 0 { finish() }
            return
        }
        if now >= settleEnd { finish() }
    }

    /// The engine was shut down under the load: what has no outcome gets one now, and who waits for the report has it.
    private func loopEnded() {
        guard !isFinished else { return }
        isStopping = true
        let unbegun = connectQueue
        connectQueue.removeAll()
        for slot in unbegun where !slot.isCounted { dropUnbegun(slot, monotonicNow()) }
        beginStop(grace: 0, settle: 0)
        finish()
    }

    private func finish() {
        guard !isFinished else { return }
        isFinished = true
        ticker?.cancel()
        connectQueue.removeAll()
        if awaitsConnect > 0 { allConnected.succeed() }
        awaitsConnect = 0
        for slot in slots { slot.connection?.abandon() }
        for entry in lingering { entry.connection.abandon() }
        finished.succeed(report)
    }
}
