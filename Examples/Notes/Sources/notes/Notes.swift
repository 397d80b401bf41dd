import HTTPDaemon
import HTTPDaemonServices
import Metrics
import Upstreams

/// A daemon that keeps notes: settings, JSON bodies, a service beside the endpoints, a call of another service, a metric.
@main
struct Notes: Daemon {
    static let identity = Identity(name: "notes", version: "1.0.0", summary: "Keeps notes.", callsOut: true)

    private let store = NoteStore()
    private let added: Counter
    private let seeding: Seeding?

    /// For tests and documents: nobody is called, and nothing is counted.
    init() {
        added = Counter(label: "notes_added_total")
        seeding = nil
    }

    init(_ context: DaemonContext<NotesSettings>) {
        context.metrics.describe("notes_added_total", "Notes that clients have added.")
        added = Counter(label: "notes_added_total", factory: context.metrics)
        seeding = Seeding(settings: context.settings, store: store, logger: context.logger)
    }

    var background: [any BackgroundWork] {
        seeding.map { [ServiceGroupWork([$0], logger: $0.logger)] } ?? []
    }

    /// The service that seeding calls takes a connection, and its client a thread.
    static func needs(_ settings: NotesSettings) -> DaemonNeeds { DaemonNeeds(descriptors: 8, threads: 1) }

    /// Nobody is sent here before the notes to begin with are there.
    var isReady: Bool { store.isSeeded }

    func endpoints(_ settings: NotesSettings) -> [Endpoint] {
        let id = Parameter.path("id", .integer(1...Int.max), "The note's number.")
        let missing = Endpoint.OtherAnswer(status: .notFound, summary: "There is no such note.")
        return [
            Endpoint(.get, "/notes", summary: "All notes") { _ in store.all },

            Endpoint(
                .post,
                "/notes",
                summary: "Add a note",
                status: .created,
                parameters: .body(Note.self),
                others: [.init(status: .conflict, summary: "There are too many already.")]
            ) { _, note in
                guard let stored = store.add(note, most: settings.most) else {
                    throw HTTPError(.conflict, "There are \(settings.most) notes already.")
                }
                added.increment()
                return stored
            },

            Endpoint(.get, "/notes/{id}", summary: "One note", parameters: id, others: [missing]) { _, id in
                guard let note = store.note(id) else { throw HTTPError(.notFound, "There is no such note.") }
                return note
            },

            Endpoint(.delete, "/notes/{id}", summary: "Forget a note", parameters: id, others: [missing]) { _, id in
                guard store.remove(id) else { throw HTTPError(.notFound, "There is no such note.") }
                return NoContent()
            },
        ]
    }
}
