import HeapModule
import NIOCore

/// Something that becomes due on an event loop.
final class LoopTimer: Comparable {
    enum Action {
        case call(() -> Void)
        case resume(UnsafeContinuation<Void, any Error>)
    }

    let deadline: NIODeadline
    /// Nil before it is set, and once it has been done or cancelled.
    fileprivate(set) var action: Action?
    /// Cancelled, perhaps before it was set.
    fileprivate(set) var isCancelled = false

    init(deadline: NIODeadline) {
        self.deadline = deadline
    }

    static func < (left: LoopTimer, right: LoopTimer) -> Bool { left.deadline < right.deadline }
    static func == (left: LoopTimer, right: LoopTimer) -> Bool { left === right }
}

/// The timers of one event loop, by deadline. Pure: it is told the time.
struct TimerQueue {
    private var timers = Heap<LoopTimer>()
    private var cancelled = 0

    /// Timers that are held, among them a few that were cancelled.
    var count: Int { timers.count }

    /// When the next one is due.
    var earliest: NIODeadline? { timers.min?.deadline }

    /// Takes a timer in. Returns false if it was cancelled before: its action is then the caller's to do.
    mutating func add(_ timer: LoopTimer, _ action: LoopTimer.Action) -> Bool {
        guard !timer.isCancelled else { return false }
        timer.action = action
        timers.insert(timer)
        return true
    }

    /// Cancels a timer. Returns what it would have done, or nil if it was not set, or has done it.
    mutating func cancel(_ timer: LoopTimer) -> LoopTimer.Action? {
        timer.isCancelled = true
        guard let action = timer.action else { return nil }
        timer.action = nil
        cancelled += 1
        // Clients that come and go must not leave their timers behind until these are due.
        if cancelled > 64, cancelled > timers.count / 2 {
            timers = Heap(timers.unordered.filter { $0.action != nil })
            cancelled = 0
        }
        return action
    }

    /// Takes the first one out that is due, and returns what it does.
    mutating func takeDue(at now: NIODeadline) -> LoopTimer.Action? {
        while let next = timers.min, next.deadline <= now {
            timers.removeMin()
            if let action = next.action {
                next.action = nil
                return action
            }
            cancelled -= 1
        }
        return nil
    }
}
