import Glibc

/// Threads that the daemon starts through others' code, which ends the process where there is none to be had.
enum StartedThread {
    /// - Throws: ``SystemError`` where no thread can be started.
    static func check() throws(SystemError) {
        var thread = pthread_t()
        let result = pthread_create(&thread, nil, { _ in nil }, nil)
        guard result == 0 else {
            throw SystemError(
                "cannot start a thread",
                result,
                "; raise the limit on processes (TasksMax=, LimitNPROC=, ulimit -u)"
            )
        }
        pthread_join(thread, nil)
    }
}
