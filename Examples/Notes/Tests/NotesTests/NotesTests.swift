import HTTPEndpointsTesting
import Testing

@testable import notes

@Suite("Notes")
struct NotesTests {
    private let client = EndpointsClient(Notes().endpoints(.init()))

    @Test("a note that is kept can be read, and forgotten")
    func keeping() async throws {
        let note = Note(title: "milk", tags: ["shop"], author: .init(name: "a", age: 3))
        let kept = try await client.send(.post, "/notes", json: note)
        #expect(kept.status == .created)
        let stored = try kept.decoded(as: StoredNote.self)
        #expect(stored.note == note)
        #expect(try await client.send(.get, "/notes/\(stored.id)").decoded(as: StoredNote.self) == stored)
        #expect(try await client.send(.delete, "/notes/\(stored.id)").status == .noContent)
        #expect(try await client.send(.get, "/notes/\(stored.id)").status == .notFound)
    }

    @Test("all that is wrong with a note is told at once")
    func invalid() async throws {
        let answer = try await client.send(.post, "/notes", body: #"{"tags":["a",1],"author":{"name":"a"}}"#)
        #expect(answer.status == .unprocessableContent)
        for place in [#"["body","title"]"#, #"["body","tags",1]"#, #"["body","author","age"]"#] {
            #expect(answer.text.contains(place), "\(answer.text)")
        }
    }

    @Test("there is room for so many")
    func bounded() async throws {
        var settings = Notes.Settings()
        settings.most = 1
        let client = EndpointsClient(Notes().endpoints(settings))
        #expect(try await client.send(.post, "/notes", json: Note(title: "a")).status == .created)
        #expect(try await client.send(.post, "/notes", json: Note(title: "b")).status == .insufficientStorage)
    }
}
