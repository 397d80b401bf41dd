import HTTPEndpointsTesting
import Testing

@testable import notes

@Suite("Notes")
struct NotesTests {
    private let client = EndpointsClient(Notes().endpoints(NotesSettings()))

    @Test("a note that is added can be read, and forgotten")
    func adding() async throws {
        let note = Note(title: "milk", tags: ["shop"], author: Author(name: "a", age: 3))
        let added = try await client.send(.post, "/notes", json: note)
        #expect(added.status == .created)
        let stored = try added.decoded(as: StoredNote.self)
        #expect(stored.note == note)
        #expect(try await client.send(.get, "/notes").decoded() == [stored])
        #expect(try await client.send(.get, "/notes/\(stored.id)").decoded() == stored)
        #expect(try await client.send(.delete, "/notes/\(stored.id)").status == .noContent)
        #expect(try await client.send(.get, "/notes/\(stored.id)").status == .notFound)
    }

    @Test("all that is wrong with a note is told at once")
    func invalid() async throws {
        let body = #"{"title":"","tags":["a",1],"author":{"name":"a","age":-1}}"#
        let answer = try await client.send(.post, "/notes", body: body)
        #expect(answer.status == .unprocessableContent)
        for place in [#"["body","title"]"#, #"["body","tags",1]"#, #"["body","author","age"]"#] {
            #expect(answer.text.contains(place), "\(answer.text)")
        }
    }

    @Test("there is room for so many")
    func bounded() async throws {
        var settings = NotesSettings()
        settings.most = 1
        let client = EndpointsClient(Notes().endpoints(settings))
        #expect(try await client.send(.post, "/notes", json: Note(title: "a")).status == .created)
        #expect(try await client.send(.post, "/notes", json: Note(title: "b")).status == .conflict)
    }

    @Test("notes to begin with are there from the start")
    func seeded() {
        let store = NoteStore()
        store.isSeeded = false
        store.seed([Note(title: "a"), Note(title: "b")], most: 1)
        #expect(store.isSeeded && store.all.map(\.note.title) == ["a"])
    }
}
