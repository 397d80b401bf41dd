import Glibc
import Synchronization

/// Descriptors that are held for what must work when no other is left: telling the manager, a reload, a hand-over. They
/// are open files that nobody uses, and are given up for as long as they are needed.
final class SpareDescriptors: Sendable {
    private let count: Int
    private struct State {
        var descriptors: [CInt]
        /// Calls that are going on; for one within another nothing is to be done.
        var borrowers = 0
        var isGivenUp = false
    }

    private let state: Mutex<State>

    /// - Throws: ``SystemError`` where the limit on open files leaves no room for them, and for `others` that the daemon
    ///   opens while it starts: some of those who open them know no error.
    init(_ count: Int, others: Int) throws(SystemError) {
        let all = Self.open(count + others)
        let isEnough = all.count == count + others
        let code = errno
        for descriptor in all.dropFirst(isEnough ? count : 0) { close(descriptor) }
        guard isEnough else {
            throw SystemError(
                "cannot open the \(count + others) descriptors that it needs",
                code,
                "; raise the limit on open files (LimitNOFILE=, ulimit -n)"
            )
        }
        self.count = count
        state = Mutex(State(descriptors: Array(all.prefix(count))))
    }

    /// Calls `body` with room for as many descriptors as are held.
    func lend<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        state.withLock { state in
            state.borrowers += 1
            Self.closeAll(&state.descriptors)
        }
        defer {
            state.withLock { state in
                state.borrowers -= 1
                if state.borrowers == 0, !state.isGivenUp { state.descriptors = Self.open(count) }
            }
        }
        return try body()
    }

    /// Gives them up for good.
    func giveUp() {
        state.withLock { state in
            state.isGivenUp = true
            Self.closeAll(&state.descriptors)
        }
    }

    /// How many are held now.
    var heldCount: Int { state.withLock { $0.descriptors.count } }

    private static func closeAll(_ descriptors: inout [CInt]) {
        for descriptor in descriptors { close(descriptor) }
        descriptors = []
    }

    /// Opens so many, or as many as there can be; `errno` then says why.
    private static func open(_ count: Int) -> [CInt] {
        var descriptors: [CInt] = []
        while descriptors.count < count {
            let descriptor = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
            guard descriptor >= 0 else { break }
            descriptors.append(descriptor)
        }
        return descriptors
    }
}
