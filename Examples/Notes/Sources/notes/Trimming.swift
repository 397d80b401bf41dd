import HTTPDaemon
import ServiceLifecycle

/// Forgets the oldest notes from time to time, until the daemon ends.
struct Trimming: Service {
    let store: NoteStore
    let every: Duration
    let most: Int
    let logger: Logger

    init(store: NoteStore, every interval: Duration, most: Int, logger: Logger) {
        self.store = store
        every = interval
        self.most = most
        self.logger = logger
    }

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            while true {
                try await Task.sleep(for: every)
                let forgotten = store.trim(to: most)
                if forgotten > 0 { logger.notice("Forgot old notes", metadata: ["notes": "\(forgotten)"]) }
            }
        }
    }
}
