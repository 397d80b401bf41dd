import HTTPServer
public import HTTPTypes

/// What an endpoint answers with: how it is written, and what the document says of it.
///
/// Declare one's own types as ``JSONBody``, which writes and describes them by their `Codable` conformance. `String` is
/// plain text, ``Octets`` anything, and ``NoContent`` nothing.
public protocol AnswerBody: Answering where Body == Self {
    /// The schema of the content.
    static var schema: Schema { get }
    /// The media type as sent.
    static var contentType: String { get }
    /// Further fields of the answer.
    static var fields: HTTPFields { get }
    /// The content.
    var content: [UInt8] { get throws }
}

/// What a handler may return: a body, or an answer with a status and fields of its own.
public protocol Answering: Sendable {
    /// What the answer holds.
    associatedtype Body: AnswerBody
    /// The answer.
    ///
    /// - Parameter status: The status where the handler says none.
    func answer(_ status: HTTPResponse.Status) -> Answer<Body>
}

/// Content in JSON that says itself how it is written; its schema is declared beside it.
public protocol JSONContent: AnswerBody {
    /// The content.
    var json: JSON { get }
}

extension AnswerBody {
    /// JSON.
    public static var contentType: String { "application/json" }
    /// None.
    public static var fields: HTTPFields { [:] }
    /// The body alone.
    public func answer(_ status: HTTPResponse.Status) -> Answer<Self> { Answer(self, status: status) }
}

extension JSONContent {
    /// The content as text.
    public var content: [UInt8] { json.bytes }
}

/// A typed answer, encoded when it is made: one that never changes is made once.
public struct Answer<Body: AnswerBody>: Answering {
    /// The encoded answer; nil where it cannot be written.
    private let result: Result<Response, any Error>

    /// Creates an answer.
    ///
    /// - Parameters:
    ///   - body: What it holds.
    ///   - status: Its status. One that is not the endpoint's own belongs into the endpoint's `others`.
    ///   - fields: Fields beside those of the body.
    public init(_ body: Body, status: HTTPResponse.Status = .ok, fields: HTTPFields = [:]) {
        result = Result {
            let all = fields.isEmpty ? Body.fields : HTTPFields(Array(Body.fields) + Array(fields))
            if status == .noContent { return Response(noContentWith: all) }
            return Response(status: status, contentType: Body.contentType, fields: all, body: try body.content)
        }
    }

    /// The encoded answer.
    ///
    /// - Throws: What kept the body from being written.
    var response: Response { get throws { try result.get() } }

    /// This answer, whose status is its own.
    public func answer(_ status: HTTPResponse.Status) -> Answer<Body> { self }
}

/// What a handler comes to that need not run as a task: its answer, or how to come by it.
public enum Outcome<Body: AnswerBody>: Sendable {
    /// An answer that is known.
    case answer(Answer<Body>)
    /// An answer that is given after a wait. It costs a timer, and no task.
    case delayed(Answer<Body>, by: Duration)
    /// Runs as a task, on the event loop of the request's connection.
    case work(@Sendable () async throws -> Answer<Body>)

    var reply: Reply {
        get throws {
            switch self {
            case .answer(let answer): .now(try answer.response)
            case .delayed(let answer, let delay):
                delay > .zero ? .after(delay, try answer.response) : .now(try answer.response)
            case .work(let work): .later { try await work().response }
            }
        }
    }
}

// MARK: Bodies

extension String: AnswerBody {
    /// Any text.
    public static var schema: Schema { Schema(definition: ["type": "string"]) }
    /// Plain text.
    public static var contentType: String { "text/plain; charset=utf-8" }
    /// The text in UTF-8.
    public var content: [UInt8] { Array(utf8) }
}

/// Octets, of which nothing else is said.
public struct Octets: AnswerBody {
    /// The octets.
    public let content: [UInt8]

    /// Wraps octets.
    public init(_ content: [UInt8]) {
        self.content = content
    }

    /// Octets, of which nothing is said.
    public static var schema: Schema { Schema(definition: [:]) }
    /// Octets.
    public static var contentType: String { "application/octet-stream" }
}

extension JSON: JSONContent {
    /// Anything.
    public static var schema: Schema { Schema(definition: [:]) }
    /// The value itself.
    public var json: JSON { self }
}

/// No content: the answer of an endpoint whose status is 204.
public struct NoContent: AnswerBody {
    /// There is nothing in it.
    public init() {}

    /// Nothing.
    public static var schema: Schema { Schema(definition: [:]) }
    /// Nothing.
    public var content: [UInt8] { [] }

    /// 204, whatever else is said.
    public func answer(_ status: HTTPResponse.Status) -> Answer<NoContent> { Answer(self, status: .noContent) }
}

/// A schema: in place, or one with a name that stands among the document's components.
public struct Schema: Sendable {
    /// The name among the document's components.
    package var name: String?
    /// The schema in JSON.
    package var definition: JSON
    /// Other schemas that this one refers to.
    package var parts: [Schema] = []
    /// What keeps a derived one from saying all, for the type's author.
    package var problems: [String] = []

    /// Declares a schema.
    ///
    /// - Parameters:
    ///   - name: The name among the document's components; nil for one that stands where it is used.
    ///   - definition: The schema (JSON Schema 2020-12).
    ///   - parts: Others that it refers to.
    public init(name: String? = nil, definition: JSON, parts: [Schema] = []) {
        self.name = name
        self.definition = definition
        self.parts = parts
    }

    /// The schema as it stands where it is used.
    package var use: JSON { name.map { ["$ref": .string("#/components/schemas/\($0)")] } ?? definition }
}
