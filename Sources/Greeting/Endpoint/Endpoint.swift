import HTTPServer
import HTTPTypes

/// One endpoint, declared once: routing, validation, its 422 and the OpenAPI document all follow from this.
///
/// A class, since it is handed about with each request and never copied.
final class Endpoint: Sendable {
    /// Who may see an endpoint.
    enum Audience: Sendable { case everyone, administrators }

    /// A status other than 200 that the endpoint gives by itself.
    struct OtherAnswer: Sendable {
        var status: HTTPResponse.Status
        var summary: String
        var schema: Schema
        /// What the document says of fields that the answer may have.
        var fields: JSON = [:]
    }

    let method: HTTPRequest.Method
    /// The path as declared, and as the journal and metrics name it: `/hello/{name}`.
    let path: StaticString
    /// The same as text, made once.
    let route: String
    /// `operationId` of the document.
    let name: String
    let summary: String
    let details: String
    let audience: Audience
    let parameters: [ParameterDeclaration]
    let contentType: String
    let schema: Schema
    let others: [OtherAnswer]
    /// Answers a request, given the parts of its path.
    let respond: @Sendable (Request, _ path: [String: String]) throws -> Reply

    /// Declares an endpoint.
    ///
    /// - Parameters:
    ///   - parameters: Its parameters, in the order in which the handler takes their values.
    ///   - handler: Is called with valid values only.
    init<Body: AnswerBody, each Value: Sendable>(
        _ method: HTTPRequest.Method,
        _ path: StaticString,
        name: String,
        summary: String,
        details: String,
        audience: Audience = .everyone,
        parameters: repeat Parameter<each Value>,
        others: [OtherAnswer] = [],
        handler: @escaping @Sendable (Request, repeat each Value) throws -> Outcome<Body>
    ) {
        var declarations: [ParameterDeclaration] = []
        for parameter in repeat each parameters { declarations.append(parameter.declaration) }
        self.method = method
        self.path = path
        route = "\(path)"
        self.name = name
        self.summary = summary
        self.details = details
        self.audience = audience
        self.parameters = declarations
        self.others = others
        contentType = Body.contentType
        schema = Body.schema
        if declarations.isEmpty {
            respond = { request, _ in
                // There is nothing to read, and so nothing is taken apart.
                let input = RequestInput.nothing
                var issues: [ValidationIssue] = []
                return try handler(request, repeat try Self.value((each parameters).read(input, &issues))).reply
            }
        } else {
            respond = { request, path in
                let input = RequestInput(path: path, query: request.head.query)
                var issues: [ValidationIssue] = []
                let values = (repeat (each parameters).read(input, &issues))
                guard issues.isEmpty else { return .now(InvalidInput(issues: issues).response) }
                return try handler(request, repeat try Self.value(each values)).reply
            }
        }
    }

    /// A value of which no issue was noted.
    private static func value<Value>(_ value: Value?) throws -> Value {
        guard let value else { throw UnnotedIssue() }
        return value
    }

    /// A parameter gave neither a value nor an issue: a defect of this program, answered with 500.
    private struct UnnotedIssue: Error {}
}

/// The 422 of a request whose input is not valid.
struct InvalidInput: JSONBody {
    var issues: [ValidationIssue]

    var json: JSON { ["detail": .array(issues.map(\.json))] }
    var response: Response { Answer(self, status: .unprocessableContent).response }

    static let schema = Schema(
        name: "HTTPValidationError",
        definition: [
            "type": "object", "required": ["detail"],
            "properties": ["detail": ["type": "array", "minItems": 1, "items": issueSchema.use]],
        ],
        parts: [issueSchema]
    )

    private static let issueSchema = Schema(
        name: "ValidationError",
        definition: [
            "type": "object", "required": ["type", "loc", "msg", "input"],
            "properties": [
                "type": [
                    "type": "string", "enum": .array(ProblemType.allCases.map { .string($0.rawValue) }),
                    "description": "What is wrong, for programs.",
                ],
                "loc": [
                    "type": "array", "items": ["type": "string"],
                    "description": "Where: path or query, and the parameter's name.",
                ],
                "msg": ["type": "string", "description": "What is wrong, for people."],
                "input": ["description": "What was sent; for a repeated parameter all of it, as a list."],
            ],
        ]
    )
}
