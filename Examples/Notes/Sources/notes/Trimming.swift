import HTTPDaemon
import ServiceLifecycle

/// Forgets the oldest notes from time to time, until the daemon ends.
struct Trimming: Service {
    let store: NoteStore
    let interval: Duration
    let most: Int
    let logger: Logger

    func run() async throws {
        // The sleep is cut short when the daemon ends.
        try? await cancelWhenGracefulShutdown {
            while true {
                try await Task.sleep(for: interval)
                let forgotten = store.trim(to: most)
                if forgotten > 0 { logger.notice("Forgot old notes", metadata: ["notes": "\(forgotten)"]) }
            }
        }
    }
}
