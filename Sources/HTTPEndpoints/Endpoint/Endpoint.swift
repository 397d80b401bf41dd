public import HTTPServer
public import HTTPTypes

/// One endpoint, declared once: routing, validation, its 422 and the OpenAPI document all follow from this.
///
///     Endpoint(.get, "/hello/{name}", summary: "Greet somebody", parameters: .path("name", .name(1...64), "Whom."))
///     { _, name in
///         try await Task.sleep(for: .seconds(1))
///         return ["Hello": name]
///     }
///
/// A class, since it is handed about with each request and never copied.
public final class Endpoint: Sendable {
    /// Who may see an endpoint.
    public enum Audience: Sendable {
        /// Whoever can reach a listener.
        case everyone
        /// Whoever can reach a listener that is named `admin`.
        case administrators
    }

    /// A status other than its usual one that the endpoint gives by itself.
    public struct OtherAnswer: Sendable {
        var status: HTTPResponse.Status
        var summary: String
        var schema: Schema
        var fields: JSON

        /// Declares an answer.
        ///
        /// - Parameters:
        ///   - status: Its status.
        ///   - summary: When it is given.
        ///   - schema: What it holds.
        ///   - fields: What the document says of fields that it may have (OpenAPI's `headers`).
        public init(
            status: HTTPResponse.Status,
            summary: String,
            schema: Schema = HTTPError.schema,
            fields: JSON = [:]
        ) {
            self.status = status
            self.summary = summary
            self.schema = schema
            self.fields = fields
        }
    }

    let method: HTTPRequest.Method
    /// The path as declared, and as the journal and metrics name it: `/hello/{name}`.
    let path: StaticString
    /// The same as text, made once.
    package let route: String
    /// `operationId` of the document.
    let name: String
    let summary: String
    let details: String
    let audience: Audience
    let parameters: [ParameterDeclaration]
    /// The status where nothing else is said.
    let status: HTTPResponse.Status
    let contentType: String
    let schema: Schema
    let others: [OtherAnswer]
    /// Whether a request may be asked again of another process; nil where its method says so.
    let mayRepeat: Bool?
    /// Answers a request, given the parts of its path.
    let respond: @Sendable (Request, _ path: [String: String]) throws -> Reply

    /// Declares an endpoint whose handler waits for others, and runs as a task.
    ///
    /// - Parameters:
    ///   - method: The method. GET answers HEAD, too.
    ///   - path: The path, with the names of parameters in braces: `/hello/{name}`.
    ///   - name: Its `operationId`; where there is none, one is made of method and path.
    ///   - summary: What it is for, in a few words.
    ///   - details: What else there is to know.
    ///   - audience: Who may see it.
    ///   - status: The status of an answer of which the handler says none.
    ///   - parameters: Its parameters, in the order in which the handler takes their values.
    ///   - others: Other statuses that it gives.
    ///   - mayRepeat: Whether asking twice does no harm, so that a restart does not wait for it. Where nothing is said, it
    ///     is so for the methods that RFC 9110 section 9.2.2 calls idempotent.
    ///   - handler: Is called with valid values only, on the event loop of the request's connection: it must not block.
    public convenience init<Result: Answering, each Value: Sendable>(
        _ method: HTTPRequest.Method,
        _ path: StaticString,
        name: String? = nil,
        summary: String = "",
        details: String = "",
        audience: Audience = .everyone,
        status: HTTPResponse.Status = .ok,
        parameters: repeat Parameter<each Value>,
        others: [OtherAnswer] = [],
        mayRepeat: Bool? = nil,
        handler: @escaping @Sendable (Request, repeat each Value) async throws -> Result
    ) {
        self.init(
            method,
            path,
            name: name,
            summary: summary,
            details: details,
            audience: audience,
            status: status,
            parameters: repeat each parameters,
            others: others,
            mayRepeat: mayRepeat
        ) { (request: Request, values: repeat each Value) -> Outcome<Result.Body> in
            .work { try await handler(request, repeat each values).answer(status) }
        }
    }

    /// Declares an endpoint whose handler returns at once: an answer, or how long to wait before it. It costs no task.
    ///
    /// The parameters are those of the other initializer. Where the content is long, the handler is called on another
    /// thread.
    public init<Body: AnswerBody, each Value: Sendable>(
        _ method: HTTPRequest.Method,
        _ path: StaticString,
        name: String? = nil,
        summary: String = "",
        details: String = "",
        audience: Audience = .everyone,
        status: HTTPResponse.Status = .ok,
        parameters: repeat Parameter<each Value>,
        others: [OtherAnswer] = [],
        mayRepeat: Bool? = nil,
        handler: @escaping @Sendable (Request, repeat each Value) throws -> Outcome<Body>
    ) {
        var declarations: [ParameterDeclaration] = []
        for parameter in repeat each parameters { declarations.append(parameter.declaration) }
        let problem = Declaration.problem("\(path)", declarations)
        Declaration.require(problem == nil, problem ?? "")
        self.method = method
        self.path = path
        route = "\(path)"
        self.name = name ?? Self.name(method, "\(path)")
        self.summary = summary
        self.details = details
        self.audience = audience
        self.parameters = declarations
        self.others = others
        self.mayRepeat = mayRepeat
        self.status = Body.self == NoContent.self ? .noContent : status
        contentType = Body.contentType
        schema = Body.schema
        if declarations.isEmpty {
            respond = { request, _ in
                // There is nothing to read, and so nothing is taken apart.
                let input = RequestInput.nothing
                var issues: [ValidationIssue] = []
                return try handler(request, repeat try Self.value(try (each parameters).read(input, &issues))).reply
            }
        } else {
            let content = ContentKind(declarations)
            respond = Self.awayFromLoop { request, path in
                var issues: [ValidationIssue] = []
                let body = try content.read(request, &issues)
                let input = RequestInput(
                    path: path,
                    query: request.head.query,
                    head: request.head,
                    body: body,
                    content: request.content
                )
                let values = (repeat try (each parameters).read(input, &issues))
                guard issues.isEmpty else { return .now(try InvalidInput(issues: issues).response) }
                return try handler(request, repeat try Self.value(each values)).reply
            }
        }
    }

    /// Octets of content that are read on an event loop: in a millisecond or two.
    private static var longestOnLoop: Int { 128 * 1024 }

    /// Reads long content on another thread, lest it hold up the others on its event loop.
    private static func awayFromLoop(
        _ respond: @escaping @Sendable (Request, _ path: [String: String]) throws -> Reply
    ) -> @Sendable (Request, _ path: [String: String]) throws -> Reply {
        { request, path in
            guard request.content.count > longestOnLoop else { return try respond(request, path) }
            return .later {
                switch try await Task.detached(operation: { try respond(request, path) }).value {
                case .now(let response):
                    return response
                case .after(let delay, let response):
                    try await request.clock.sleep(for: delay)
                    return response
                case .later(let respond):
                    return try await respond()
                }
            }
        }
    }

    /// The schemas that the document has of it, those beside them not included.
    var schemas: [Schema] { parameters.compactMap(\.whole) + [schema] + others.map(\.schema) }

    /// What keeps schemas that were derived from types from saying all, for the types' author.
    package var schemaProblems: [String] { schemas.flatMap(\.problems) }

    /// Whether the content of its requests is read.
    var takesContent: Bool { parameters.contains { $0.location == .body } }

    /// `GET /hello/{name}` becomes `getHelloName`.
    private static func name(_ method: HTTPRequest.Method, _ path: String) -> String {
        let words = path.split { !$0.isLetter && !$0.isNumber }
        return method.rawValue.lowercased() + words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    /// A value of which no issue was noted.
    private static func value<Value>(_ value: Value?) throws -> Value {
        guard let value else { throw UnnotedIssue() }
        return value
    }

    /// A parameter gave neither a value nor an issue: a defect of this program or of a type, answered with 500.
    private struct UnnotedIssue: Error {}
}
