import Synchronization

/// How many requests may be in work at once, over all event loops.
final class WorkBudget: Sendable {
    private let limit: Atomic<Int>
    private let loops: [LoopCounters]

    init(limit: Int = .max, loops: [LoopCounters] = []) {
        self.limit = Atomic(limit)
        self.loops = loops
    }

    func setLimit(_ limit: Int) { self.limit.store(limit, ordering: .relaxed) }

    /// Whether one more may begin. Nobody waits for an answer to this, so that event loops that ask at the same moment may
    /// each begin the last one.
    var affordsOne: Bool {
        let limit = limit.load(ordering: .relaxed)
        if limit == .max { return true }
        return loops.reduce(0) { $0 + $1.inFlight.current } < limit
    }
}
