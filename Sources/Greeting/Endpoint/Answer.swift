import HTTPServer
import HTTPTypes

/// What an endpoint answers with: how it is written, and what the document says of it.
protocol AnswerBody: Sendable {
    /// The schema of the content.
    static var schema: Schema { get }
    /// The media type as sent.
    static var contentType: String { get }
    /// Further fields of the answer.
    static var fields: HTTPFields { get }
    /// The content.
    var content: [UInt8] { get }
}

/// An answer's content in JSON.
protocol JSONBody: AnswerBody {
    /// The content.
    var json: JSON { get }
}

extension AnswerBody {
    static var contentType: String { "application/json" }
    static var fields: HTTPFields { [:] }
}

extension JSONBody {
    var content: [UInt8] { json.bytes }
}

/// A typed answer, encoded when it is made: one that never changes is made once.
struct Answer<Body: AnswerBody>: Sendable {
    let response: Response

    init(_ body: Body, status: HTTPResponse.Status = .ok, route: StaticString? = nil) {
        response = Response(
            status: status,
            contentType: Body.contentType,
            fields: Body.fields,
            body: body.content,
            route: route.map { "\($0)" }
        )
    }
}

/// What a handler comes to: its answer, or how to come by it.
enum Outcome<Body: AnswerBody>: Sendable {
    case answer(Answer<Body>)
    /// An answer that is given after a wait.
    case delayed(Answer<Body>, by: Duration)
    /// Runs as a task, on the event loop of the request's connection.
    case work(@Sendable () async throws -> Answer<Body>)

    var reply: Reply {
        switch self {
        case .answer(let answer): .now(answer.response)
        case .delayed(let answer, let delay): delay > .zero ? .after(delay, answer.response) : .now(answer.response)
        case .work(let work): .later { try await work().response }
        }
    }
}

/// A schema: in place, or one with a name that stands among the document's components.
struct Schema: Sendable {
    var name: String?
    var definition: JSON
    /// Other schemas that this one refers to.
    var parts: [Schema] = []

    /// The schema as it stands where it is used.
    var use: JSON { name.map { ["$ref": .string("#/components/schemas/\($0)")] } ?? definition }
}
