import JournalLogging
import Logging
import Synchronization

/// Runs what a daemon has beside its endpoints, from before it is ready to behind its last answer.
///
/// Its tasks run on the concurrency pool, for which a stop may find no thread; a daemon without such work starts none.
final class BackgroundRunner: Sendable {
    private let works: [any BackgroundWork]
    private let journal: Journal
    private let patience: @Sendable () -> Duration
    private let whenFailed: @Sendable () -> Void

    private struct State {
        var tasks: [Task<Void, Never>] = []
        var isEnding = false
    }

    private let state = Mutex(State())

    /// - Parameters:
    ///   - works: What is run.
    ///   - journal: Where it is told that one has failed.
    ///   - patience: How long they may take to end, together.
    ///   - whenFailed: Called when one has failed, or has ended by itself.
    init(
        _ works: [any BackgroundWork],
        _ journal: Journal,
        patience: @escaping @Sendable () -> Duration,
        whenFailed: @escaping @Sendable () -> Void
    ) {
        self.works = works
        self.journal = journal
        self.patience = patience
        self.whenFailed = whenFailed
    }

    /// Starts all.
    func start() {
        let tasks = works.map { work in
            Task { [self] in
                var reason = "it has returned"
                do {
                    try await work.run()
                } catch {
                    reason = String(describing: error)
                }
                if !state.withLock({ $0.isEnding }) { failed(reason) }
            }
        }
        state.withLock { $0.tasks = tasks }
    }

    private func failed(_ reason: String) {
        journal.log(
            .serviceFailed,
            .critical,
            "A service beside the endpoints has ended; so does the daemon",
            [LogField("error", .string(reason))]
        )
        whenFailed()
    }

    /// Has them end, the last one first, and waits until they have; what takes too long is cancelled.
    func end() async {
        let tasks = state.withLock { state in
            state.isEnding = true
            return state.tasks
        }
        guard !tasks.isEmpty else { return }
        let cut = Task { [patience] in
            try await Task.sleep(for: patience())
            for task in tasks { task.cancel() }
        }
        for (work, task) in zip(works, tasks).reversed() {
            await work.end()
            await task.value
        }
        cut.cancel()
    }
}
