public import NIOCore

/// Runs tasks on one event loop, so that a responder stays on its connection's thread from one suspension to the next.
///
/// Event loops are serial executors, for actors; a task's preference wants a `TaskExecutor` (Swift evolution SE-0417).
public final class EventLoopTaskExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    /// Creates an executor that runs tasks on `eventLoop`.
    public init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// Runs a part of a task on the event loop. See `TaskExecutor`.
    public func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        eventLoop.execute {
            unowned.runSynchronously(on: self.asUnownedTaskExecutor())
        }
    }
}
