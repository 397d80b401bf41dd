import Synchronization

/// Keeps notes in memory, so many at most.
final class NoteStore: Sendable {
    private struct State {
        var notes: [Int: Note] = [:]
        var next = 1
    }

    private let state = Mutex(State())

    /// Keeps a note; nil where there is no room for it.
    func add(_ note: Note, most: Int) -> StoredNote? {
        state.withLock { state in
            guard state.notes.count < most else { return nil }
            defer { state.next += 1 }
            state.notes[state.next] = note
            return StoredNote(id: state.next, note: note)
        }
    }

    func note(_ id: Int) -> StoredNote? { state.withLock { $0.notes[id] }.map { StoredNote(id: id, note: $0) } }

    func remove(_ id: Int) -> Bool { state.withLock { $0.notes.removeValue(forKey: id) } != nil }

    func all() -> [StoredNote] {
        state.withLock { $0.notes }.sorted { $0.key < $1.key }.map { StoredNote(id: $0.key, note: $0.value) }
    }

    /// Forgets the oldest until no more than so many are left. Returns how many were forgotten.
    func trim(to most: Int) -> Int {
        state.withLock { state in
            let old = state.notes.keys.sorted().dropLast(most)
            for id in old { state.notes[id] = nil }
            return old.count
        }
    }
}
