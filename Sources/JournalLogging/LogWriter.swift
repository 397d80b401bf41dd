import Glibc
import Logging

/// A bounded queue, and one thread that empties it into an output.
///
/// `sd_journal_sendv` and `write(2)` block while nobody reads; here they block this thread and no other. The thread
/// ends, with the output, when the writer is released and the queue is empty.
final class LogWriter: Sendable {
    private struct State: Sendable {
        var queue: LogQueue
        /// Whether the thread waits and must be woken.
        var isAsleep = false
        /// Callers of `flush`.
        var flushing = 0
    }

    /// At most this many records are formatted and written between two looks at the queue.
    private static let batchSize = 64
    /// How long the thread waits for more before it asks to be woken. In that time a record costs its caller no system
    /// call, which on a busy server is every record; the price is that one may be written this much later.
    private static let linger: Duration = .milliseconds(2)
    /// How often a report is tried again while the output fails and no other record comes.
    private static let retryInterval: Duration = .seconds(1)

    private let monitor: Monitor<State>

    /// Starts the thread.
    init(
        output: some LogOutput,
        capacity: LogCapacity,
        report: @escaping @Sendable (_ dropped: UInt64) -> LogRecord
    ) throws(LogPipelineError) {
        let monitor = Monitor(State(queue: LogQueue(capacity: capacity)))
        self.monitor = monitor
        try Self.startThread(named: "log-writer") {
            var output = output
            Self.run(monitor, &output, report)
        }
    }

    deinit {
        monitor.withLock { $0.queue.close() }
        monitor.signal(.work)
    }

    /// Takes a record, or drops and counts it. Never waits for the output.
    /// - Returns: whether it was taken.
    @discardableResult
    func offer(_ record: LogRecord) -> Bool {
        let (accepted, wake) = monitor.withLock { state in
            let accepted = state.queue.offer(record)
            // Somebody may be waiting to read a warning, and a half-full queue can wait no longer.
            let isUrgent = record.level >= .warning || state.queue.records == state.queue.capacity.records / 2
            return (accepted, state.isAsleep || isUrgent)
        }
        if wake { monitor.signal(.work) }
        return accepted
    }

    /// How many records were dropped or lost so far.
    var droppedCount: UInt64 { monitor.withLock { $0.queue.dropped } }

    /// Waits until all that was offered before is written or lost.
    /// - Returns: whether that happened in time.
    func flush(within bound: Duration) -> Bool {
        let clock = SuspendingClock()
        let deadline = clock.now.advanced(by: bound)
        let target = monitor.withLock { state in
            state.flushing += 1
            return state.queue.accepted
        }
        defer { monitor.withLock { $0.flushing -= 1 } }
        monitor.signal(.work)
        return monitor.wait(for: .progress) { state, _ in
            if state.queue.isSettled(target) { return .done(true) }
            let left = clock.now.duration(to: deadline)
            return left > .zero ? .wait(atMost: left) : .done(false)
        }
    }

    private static func run(
        _ monitor: Monitor<State>,
        _ output: inout some LogOutput,
        _ report: (UInt64) -> LogRecord
    ) {
        while true {
            switch nextTurn(monitor) {
            case .write(let records):
                let lost = min(max(0, output.write(records)), records.count)
                settle(monitor) { $0.settle(lost: lost) }
            case .report(let count):
                let written = output.write([report(count)]) == 0
                settle(monitor) { $0.settleReport(of: count, written: written) }
            case .idle: break  // `nextTurn` waits instead.
            case .finished: return
            }
        }
    }

    private static func settle(_ monitor: Monitor<State>, _ change: (inout LogQueue) -> Void) {
        let isAwaited = monitor.withLock { state in
            change(&state.queue)
            return state.flushing > 0
        }
        if isAwaited { monitor.signal(.progress) }
    }

    private static func nextTurn(_ monitor: Monitor<State>) -> LogQueue.Turn {
        var lingered = false
        return monitor.wait(for: .work) { state, timedOut in
            let wasAsleep = state.isAsleep
            state.isAsleep = false
            if wasAsleep, timedOut { state.queue.retry() }
            let turn = state.queue.next(atMost: batchSize)
            guard case .idle(let retry) = turn else { return .done(turn) }
            guard lingered, !state.queue.isClosed else {
                lingered = true
                return .wait(atMost: linger)
            }
            state.isAsleep = true
            return .wait(atMost: retry ? retryInterval : nil)
        }
    }

    /// Starts a detached thread with every signal blocked that is sent to a process: those are for the threads that
    /// expect them, a blocking call is not to be interrupted, and a reader that is gone is no reason to die (SIGPIPE).
    private static func startThread(
        named name: String,
        _ body: @escaping @Sendable () -> Void
    ) throws(LogPipelineError) {
        final class Body: Sendable {
            let run: @Sendable () -> Void
            let name: String
            init(name: String, run: @escaping @Sendable () -> Void) { (self.name, self.run) = (name, run) }
        }
        var (blocked, previous) = (sigset_t(), sigset_t())
        sigfillset(&blocked)
        for fault in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS] { sigdelset(&blocked, fault) }
        pthread_sigmask(SIG_SETMASK, &blocked, &previous)
        defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }

        let argument = Unmanaged.passRetained(Body(name: name, run: body))
        var thread = pthread_t()
        let error = pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument else { return nil }
                let body = Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
                setThreadName(body.name)
                body.run()
                return nil
            },
            argument.toOpaque()
        )
        guard error == 0 else {
            argument.release()
            throw LogPipelineError(code: error)
        }
        pthread_detach(thread)
    }
}

/// Names the calling thread, for `ps` and debuggers. `pthread_setname_np` is an extension that Glibc's module does not
/// show, so this goes by the file that it would write as well; where there is no /proc, the thread has no name.
private func setThreadName(_ name: String) {
    let descriptor = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = write(descriptor, name, name.utf8.count)
    close(descriptor)
}
