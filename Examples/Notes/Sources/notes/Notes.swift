import HTTPDaemon
import HTTPDaemonServices

/// A daemon that keeps notes: settings, a JSON body, and something that runs beside the endpoints.
@main
struct Notes: Daemon {
    static let identity = Identity(name: "notes", version: "1.0.0", summary: "Keeps notes.")

    struct Settings: SettingsGroup {
        var most = 100
        var interval: Duration = .seconds(10)

        static let settings = [
            Setting("notes.most", \Self.most, .count(1...10000), .reload, "The most notes that are kept: 1 to 10000."),
            Setting(
                "notes.interval",
                \Self.interval,
                .duration(.milliseconds(10) ... .seconds(3600)),
                .restart,
                "How often the oldest that are too many are forgotten: 10ms to 1h."
            ),
        ]
    }

    private let store = NoteStore()
    private let context: DaemonContext<Settings>?

    init() { context = nil }

    init(_ context: DaemonContext<Settings>) { self.context = context }

    var background: [any BackgroundWork] {
        guard let context else { return [] }
        let (settings, logger) = (context.settings, context.logger)
        let trimming = Trimming(store: store, interval: settings.interval, most: settings.most, logger: logger)
        return [ServiceGroupWork([trimming], logger: logger)]
    }

    func endpoints(_ settings: Settings) -> [Endpoint] {
        let id = Parameter.path("id", .integer(1...Int.max), "The note's number.")
        let missing = Endpoint.OtherAnswer(status: .notFound, summary: "There is no such note.")
        return [
            Endpoint(.get, "/notes", summary: "All notes") { _ in store.all() },

            Endpoint(
                .post,
                "/notes",
                summary: "Keep a note",
                status: .created,
                parameters: .body(Note.self),
                others: [.init(status: .insufficientStorage, summary: "There are too many already.")]
            ) { _, note in
                guard let stored = store.add(note, most: settings.most) else {
                    throw HTTPError(.insufficientStorage, "There are \(settings.most) notes already.")
                }
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
