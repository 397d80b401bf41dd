import Glibc

/// Whether the threads that the daemon needs can be had: some are started by others' code, which ends the process where
/// there is none.
enum ThreadCheck {
    /// Starts so many threads at once, and ends them.
    ///
    /// - Throws: ``SystemError`` where one cannot be started.
    static func require(_ count: Int) throws(SystemError) {
        let gate = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        pthread_mutex_init(gate, nil)
        defer {
            pthread_mutex_destroy(gate)
            gate.deallocate()
        }
        pthread_mutex_lock(gate)
        var threads: [pthread_t] = []
        var failure: CInt = 0
        while threads.count < count, failure == 0 {
            var thread = pthread_t()
            failure = pthread_create(
                &thread,
                nil,
                { argument in
                    // It lives until all others do.
                    if let gate = argument?.assumingMemoryBound(to: pthread_mutex_t.self) {
                        pthread_mutex_lock(gate)
                        pthread_mutex_unlock(gate)
                    }
                    return nil
                },
                gate
            )
            if failure == 0 { threads.append(thread) }
        }
        pthread_mutex_unlock(gate)
        for thread in threads { pthread_join(thread, nil) }
        guard failure == 0 else {
            throw SystemError(
                "cannot start the \(count) threads that it needs",
                failure,
                "; raise the limit on processes (TasksMax=, LimitNPROC=, ulimit -u)"
            )
        }
    }
}
