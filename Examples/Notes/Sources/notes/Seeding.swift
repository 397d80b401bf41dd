import HTTPDaemon
import ServiceLifecycle
import Upstreams

/// Asks another service for the notes to begin with, until it has answered.
struct Seeding: Service {
    let settings: NotesSettings
    let store: NoteStore
    let logger: Logger
    private let client = HTTPUpstreamClient()

    init(settings: NotesSettings, store: NoteStore, logger: Logger) {
        (self.settings, self.store, self.logger) = (settings, store, logger)
        store.isSeeded = settings.seed == nil
    }

    func run() async throws {
        // Whatever it waits for is given up when the daemon ends.
        try? await cancelWhenGracefulShutdown {
            while let url = settings.seed, !store.isSeeded {
                do {
                    store.seed(try await client.get(url, as: [Note].self), most: settings.most)
                } catch {
                    logger.warning("There are no notes to begin with yet: \(error)")
                    try await Task.sleep(for: settings.retry)
                }
            }
            // A service that returns ends the daemon.
            try await gracefulShutdown()
        }
        await client.shutdown()
        logger.notice("No more notes are asked for")
    }
}
