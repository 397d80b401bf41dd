import NIOCore

/// Runs tasks on the event loop of the main thread, which serves no client.
///
/// Event loops are serial executors, for actors; a task's preference wants a `TaskExecutor` (Swift evolution SE-0417).
final class HousekeepingExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        eventLoop.execute {
            unowned.runSynchronously(on: self.asUnownedTaskExecutor())
        }
    }
}
