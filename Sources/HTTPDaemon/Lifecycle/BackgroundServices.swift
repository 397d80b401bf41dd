import JournalLogging
import Logging
import ServiceLifecycle
import Synchronization

/// What a daemon runs beside its endpoints, from before it is ready to behind its last answer.
///
/// A daemon without any starts no group: a group's tasks run on the concurrency pool, for which a stop may find no thread.
final class BackgroundServices: Sendable {
    private let services: [any Service]
    private let journal: Journal
    private let patience: @Sendable () -> Duration
    private let whenFailed: @Sendable () -> Void
    private let running = Mutex<(group: ServiceGroup, task: Task<Void, Never>)?>(nil)

    /// - Parameters:
    ///   - services: What is run.
    ///   - journal: Where it is told that one has failed.
    ///   - patience: How long they may take to end.
    ///   - whenFailed: Called when one has failed, or has ended by itself.
    init(
        _ services: [any Service],
        _ journal: Journal,
        patience: @escaping @Sendable () -> Duration,
        whenFailed: @escaping @Sendable () -> Void
    ) {
        self.services = services
        self.journal = journal
        self.patience = patience
        self.whenFailed = whenFailed
    }

    /// Starts them.
    func start() {
        guard !services.isEmpty else { return }
        let logger = Logger(label: "services") { JournalLogHandler(label: $0, pipeline: self.journal.pipeline) }
        let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: services, logger: logger))
        let task = Task { [journal, whenFailed] in
            do {
                try await group.run()
            } catch {
                journal.log(
                    .serviceFailed,
                    .critical,
                    "A service beside the endpoints has ended; so does the daemon",
                    [LogField("error", .string(String(describing: error)))]
                )
                whenFailed()
            }
        }
        running.withLock { $0 = (group, task) }
    }

    /// Has them end, and waits until they have; when it takes too long, they are cancelled.
    func end() async {
        guard let (group, task) = running.withLock({ $0 }) else { return }
        await group.triggerGracefulShutdown()
        let cut = Task { [patience] in
            try await Task.sleep(for: patience())
            task.cancel()
        }
        await task.value
        cut.cancel()
    }
}
