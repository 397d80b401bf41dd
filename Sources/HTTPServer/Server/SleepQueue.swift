import HeapModule
import NIOCore

/// The sleeping requests of one event loop, behind a single timer.
///
/// NIO runs every timer that is due before it polls again. When 10,000 requests that came together wake together, that
/// holds up the reading of new ones; so only a batch is woken a turn, and the loop polls before the next.
final class SleepQueue {
    /// Sleepers resumed in one turn of the event loop.
    static let batch = 64
    /// What the timer is set ahead while more are due: any time at all lets the loop poll.
    private static let pause = TimeAmount.microseconds(20)

    /// One sleeping task.
    final class Sleeper: Comparable {
        fileprivate let deadline: NIODeadline
        fileprivate var continuation: UnsafeContinuation<Void, any Error>?

        fileprivate init(deadline: NIODeadline, continuation: UnsafeContinuation<Void, any Error>) {
            self.deadline = deadline
            self.continuation = continuation
        }

        static func < (left: Sleeper, right: Sleeper) -> Bool { left.deadline < right.deadline }
        static func == (left: Sleeper, right: Sleeper) -> Bool { left === right }
    }

    private let eventLoop: any EventLoop
    private var sleepers = Heap<Sleeper>()
    private var cancelled = 0
    private var timer: (scheduled: Scheduled<Void>, deadline: NIODeadline)?

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// Sleepers that are held, among them a few that were cancelled.
    var count: Int { sleepers.count }

    func add(until deadline: NIODeadline, _ continuation: UnsafeContinuation<Void, any Error>) -> Sleeper {
        let sleeper = Sleeper(deadline: deadline, continuation: continuation)
        sleepers.insert(sleeper)
        arm(at: deadline)
        return sleeper
    }

    /// Wakes a sleeper at once with `CancellationError`.
    func cancel(_ sleeper: Sleeper) {
        guard let continuation = sleeper.continuation else { return }
        sleeper.continuation = nil
        cancelled += 1
        // Clients that come and go must not leave their sleepers behind until these are due.
        if cancelled > 64, cancelled > sleepers.count / 2 {
            sleepers = Heap(sleepers.unordered.filter { $0.continuation != nil })
            cancelled = 0
        }
        continuation.resume(throwing: CancellationError())
    }

    private func arm(at deadline: NIODeadline) {
        if let timer {
            if timer.deadline <= deadline { return }
            timer.scheduled.cancel()
        }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        timer = (eventLoop.scheduleTask(deadline: deadline) { bound.value.wake() }, deadline)
    }

    private func wake() {
        timer = nil
        let now = eventLoop.now
        var woken = 0
        while let next = sleepers.min, next.deadline <= now {
            guard woken < Self.batch else {
                arm(at: now + Self.pause)
                return
            }
            sleepers.removeMin()
            guard let continuation = next.continuation else {
                cancelled -= 1
                continue
            }
            next.continuation = nil
            continuation.resume()
            woken += 1
        }
        if let next = sleepers.min { arm(at: next.deadline) }
    }
}

/// A clock whose sleepers wait in the queue of one event loop.
public struct EventLoopClock: RequestClock {
    /// A sleep and its cancellation, which may come first.
    private enum Sleep { case notBegun, begun(SleepQueue.Sleeper), cancelled }

    private let eventLoop: any EventLoop
    private let queue: NIOLoopBound<SleepQueue>

    init(queue: SleepQueue, eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        self.queue = NIOLoopBound(queue, eventLoop: eventLoop)
    }

    /// Returns after `duration`. See ``RequestClock/sleep(for:)``.
    public func sleep(for duration: Duration) async throws {
        let deadline = eventLoop.now + TimeAmount(duration)
        let sleep = NIOLoopBoundBox.makeBoxSendingValue(Sleep.notBegun, eventLoop: eventLoop)
        try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { (continuation: UnsafeContinuation<Void, any Error>) in
                onEventLoop {
                    if case .cancelled = sleep.value {
                        continuation.resume(throwing: CancellationError())
                    } else {
                        sleep.value = .begun(queue.value.add(until: deadline, continuation))
                    }
                }
            }
        } onCancel: {
            onEventLoop {
                if case .begun(let sleeper) = sleep.value { queue.value.cancel(sleeper) }
                sleep.value = .cancelled
            }
        }
    }

    private func onEventLoop(_ body: @escaping @Sendable () -> Void) {
        if eventLoop.inEventLoop { body() } else { eventLoop.execute(body) }
    }
}
