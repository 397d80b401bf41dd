import HTTPDaemon

/// A note, as it is sent and answered: its schema follows from the type, and its bounds stand beside it.
struct Note: JSONBody, SchemaDescribed, Equatable {
    var title: String
    var tags: [String]?
    var author: Author?

    static let memberBounds: [String: ValueBounds] = [
        "title": ValueBounds("What it is about.", minLength: 1, maxLength: 100),
        "tags": ValueBounds("What it is filed under.", maxItems: 8, items: ValueBounds(maxLength: 20)),
    ]
}

/// Who wrote a note.
struct Author: JSONValue, SchemaDescribed, Equatable {
    var name: String
    var age: Int

    static let memberBounds: [String: ValueBounds] = ["age": ValueBounds(minimum: 0, maximum: 150)]
}

/// A note that is kept.
struct StoredNote: JSONBody, Equatable {
    var id: Int
    var note: Note
}
