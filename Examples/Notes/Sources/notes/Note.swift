import HTTPDaemon

/// A note, as it is sent and answered: its schema follows from the type, and its bounds stand beside it.
struct Note: JSONBody, Equatable {
    var title: String
    var tags: [String]?
    var author: Author?

    struct Author: Codable, Equatable {
        var name: String
        var age: Int
    }
}

/// A note that is kept.
struct StoredNote: JSONBody, Equatable {
    var id: Int
    var note: Note
}
