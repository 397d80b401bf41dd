import Synchronization

/// Keeps notes in memory, so many at most.
final class NoteStore: Sendable {
    private struct State {
        var notes: [Int: Note] = [:]
        var next = 1
        var isSeeded = true

        mutating func add(_ note: Note) -> StoredNote {
            defer { next += 1 }
            notes[next] = note
            return StoredNote(id: next, note: note)
        }
    }

    private let state = Mutex(State())

    /// Whether the notes to begin with are there.
    var isSeeded: Bool {
        get { state.withLock { $0.isSeeded } }
        set { state.withLock { $0.isSeeded = newValue } }
    }

    /// Every note, the oldest first.
    var all: [StoredNote] {
        state.withLock { $0.notes }.sorted { $0.key < $1.key }.map { StoredNote(id: $0.key, note: $0.value) }
    }

    /// Keeps the notes to begin with.
    func seed(_ notes: [Note], most: Int) {
        state.withLock { state in
            for note in notes.prefix(most) { _ = state.add(note) }
            state.isSeeded = true
        }
    }

    /// Keeps a note; nil where there is no room for it.
    func add(_ note: Note, most: Int) -> StoredNote? {
        state.withLock { $0.notes.count < most ? $0.add(note) : nil }
    }

    func note(_ id: Int) -> StoredNote? { state.withLock { $0.notes[id] }.map { StoredNote(id: id, note: $0) } }

    func remove(_ id: Int) -> Bool { state.withLock { $0.notes.removeValue(forKey: id) } != nil }
}
