import Glibc

/// State behind a lock, and two conditions to wait for.
///
/// `Synchronization.Mutex` has no condition variable, and a thread that waits for records needs one.
final class Monitor<State: Sendable>: Sendable {
    /// What a waiting caller found.
    enum Step<Result> {
        /// It has what it came for.
        case done(Result)
        /// Wait for a signal, at most this long if a time is given, and look again.
        case wait(atMost: Duration?)
    }

    /// Who is waiting.
    enum Condition {
        /// The writer, for work.
        case work
        /// Somebody else, for the writer to get on.
        case progress
    }

    // The pointers are unsafe because the compiler cannot see that `state` is touched only with `mutex` held; nothing
    // outside this file can reach them. POSIX objects must not move, so they have memory of their own.
    private nonisolated(unsafe) let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private nonisolated(unsafe) let work = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private nonisolated(unsafe) let progress = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private nonisolated(unsafe) let state = UnsafeMutablePointer<State>.allocate(capacity: 1)

    init(_ state: State) {
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)  // A change of the wall clock must not stretch a wait.
        pthread_cond_init(work, &attributes)
        pthread_cond_init(progress, &attributes)
        pthread_condattr_destroy(&attributes)
        self.state.initialize(to: state)
    }

    deinit {
        pthread_cond_destroy(work)
        pthread_cond_destroy(progress)
        pthread_mutex_destroy(mutex)
        state.deinitialize(count: 1)
        state.deallocate()
        work.deallocate()
        progress.deallocate()
        mutex.deallocate()
    }

    /// Runs `body` with the state, alone.
    func withLock<Result>(_ body: (inout State) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&state.pointee)
    }

    /// Runs `body` until it is done, and waits for `condition` between two runs.
    /// - Parameter body: Its second argument says whether the last wait ended because its time was over.
    func wait<Result>(for condition: Condition, _ body: (inout State, _ timedOut: Bool) -> Step<Result>) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        var timedOut = false
        while true {
            switch body(&state.pointee, timedOut) {
            case .done(let result): return result
            case .wait(nil): pthread_cond_wait(pointer(condition), mutex)
            case .wait(let duration?):
                var deadline = timespec(monotonicIn: duration)
                timedOut = pthread_cond_timedwait(pointer(condition), mutex, &deadline) == ETIMEDOUT
                continue
            }
            timedOut = false
        }
    }

    /// Wakes everybody who waits for `condition`.
    func signal(_ condition: Condition) { pthread_cond_broadcast(pointer(condition)) }

    private func pointer(_ condition: Condition) -> UnsafeMutablePointer<pthread_cond_t> {
        switch condition {
        case .work: work
        case .progress: progress
        }
    }
}

extension timespec {
    /// The monotonic clock's time after `duration`, at least now.
    fileprivate init(monotonicIn duration: Duration) {
        self.init()
        clock_gettime(CLOCK_MONOTONIC, &self)
        let (seconds, attoseconds) = max(duration, .zero).components
        let nanoseconds = tv_nsec + Int(attoseconds / 1_000_000_000)
        // A year is as good as for ever, and cannot overflow.
        tv_sec += Int(min(seconds, 365 * 86_400)) + nanoseconds / 1_000_000_000
        tv_nsec = nanoseconds % 1_000_000_000
    }
}
