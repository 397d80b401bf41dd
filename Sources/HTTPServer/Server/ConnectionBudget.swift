import Synchronization

/// How many connections a server may hold, over all its listeners and event loops.
final class ConnectionBudget: Sendable {
    private struct State {
        var limit: Int
        var open = 0
        var waiting: (@Sendable () -> Void)?
    }

    private let state: Mutex<State>

    init(limit: Int) {
        state = Mutex(State(limit: limit))
    }

    /// How many there may be.
    var limit: Int { state.withLock { $0.limit } }

    /// Changes how many there may be, and wakes who waits for one.
    func resize(to limit: Int) {
        let waiting = state.withLock { state in
            state.limit = limit
            guard state.open < limit else { return nil as (@Sendable () -> Void)? }
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?()
    }

    /// Notes an accepted connection.
    func opened() { state.withLock { $0.open += 1 } }

    /// Notes a closed connection, and wakes who waits for one.
    func closed() {
        let waiting = state.withLock { state in
            state.open -= 1
            guard state.open < state.limit else { return nil as (@Sendable () -> Void)? }
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?()
    }

    /// Returns for how many connections there is room. Where there is none, or none wanted, `resume` is called when a
    /// connection has closed and there is.
    func room(isWanted: Bool, orElse resume: @escaping @Sendable () -> Void) -> Int {
        state.withLock { state in
            if isWanted, state.open < state.limit { return state.limit - state.open }
            state.waiting = resume
            return 0
        }
    }
}
