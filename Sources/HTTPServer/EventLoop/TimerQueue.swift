import DequeModule
import HeapModule

/// Something that becomes due on an event loop.
final class LoopTimer {
    enum Action {
        case call(() -> Void)
        case resume(UnsafeContinuation<Void, any Error>)
    }

    let deadline: MonotonicTime
    /// Nil before it is set, and once it has been done or cancelled.
    fileprivate(set) var action: Action?
    /// Cancelled, perhaps before it was set.
    fileprivate(set) var isCancelled = false

    init(deadline: MonotonicTime) {
        self.deadline = deadline
    }
}

/// The timers of one event loop, by deadline. Pure: it is told the time.
///
/// Most requests wait equally long, so that each timer is due after the one before it: those stand in line, at no more
/// cost than that. The others are in a heap. With 10,000 requests that wait, this takes 0.8 µs less of each than a heap
/// alone.
struct TimerQueue {
    /// With the deadline beside it: to compare two, neither has to be fetched.
    private struct Entry: Comparable {
        let deadline: MonotonicTime
        let timer: LoopTimer

        static func < (left: Entry, right: Entry) -> Bool { left.deadline < right.deadline }
        static func == (left: Entry, right: Entry) -> Bool { left.timer === right.timer }
    }

    private var line = Deque<Entry>()
    private var others = Heap<Entry>()
    private var cancelled = 0

    /// Timers that are held, among them a few that were cancelled.
    var count: Int { line.count + others.count }

    /// When the next one is due.
    var earliest: MonotonicTime? {
        guard let first = line.first?.deadline else { return others.min?.deadline }
        return others.min.map { min($0.deadline, first) } ?? first
    }

    /// Takes a timer in. Returns false if it was cancelled before: its action is then the caller's to do.
    mutating func add(_ timer: LoopTimer, _ action: LoopTimer.Action) -> Bool {
        guard !timer.isCancelled else { return false }
        timer.action = action
        let entry = Entry(deadline: timer.deadline, timer: timer)
        if let last = line.last, entry < last { others.insert(entry) } else { line.append(entry) }
        return true
    }

    /// Cancels a timer. Returns what it would have done, or nil if it was not set, or has done it.
    mutating func cancel(_ timer: LoopTimer) -> LoopTimer.Action? {
        timer.isCancelled = true
        guard let action = timer.action else { return nil }
        timer.action = nil
        cancelled += 1
        // Clients that come and go must not leave their timers behind until these are due.
        if cancelled > 64, cancelled > count / 2 {
            line.removeAll { $0.timer.action == nil }
            others = Heap(others.unordered.filter { $0.timer.action != nil })
            cancelled = 0
        }
        return action
    }

    /// Takes the first one out that is due, and returns what it does.
    mutating func takeDue(at now: MonotonicTime) -> LoopTimer.Action? {
        while let next = takeNext(dueAt: now) {
            if let action = next.action {
                next.action = nil
                return action
            }
            cancelled -= 1
        }
        return nil
    }

    private mutating func takeNext(dueAt now: MonotonicTime) -> LoopTimer? {
        let first = line.first
        if let other = others.min, first.map({ other < $0 }) ?? true {
            return other.deadline <= now ? others.removeMin().timer : nil
        }
        guard let first, first.deadline <= now else { return nil }
        line.removeFirst()
        // A peak's memory is given back once it is over.
        if line.isEmpty { line = [] }
        return first.timer
    }
}
