public import HTTPServer
public import HTTPTypes

/// An error that has an answer of its own. Any other that a handler throws is answered with 500, and told in the journal.
public protocol AnsweredError: Error {
    /// The answer.
    var response: Response { get }
}

/// `{"detail": …}` with a status, thrown by a handler.
///
///     guard let note = notes[id] else { throw HTTPError(.notFound, "There is no such note.") }
public struct HTTPError: AnsweredError {
    /// The answer.
    public let response: Response

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - status: The status, which belongs into the endpoint's `others`.
    ///   - detail: What is wrong; it must not hold what a client sent.
    ///   - fields: Fields of the answer, such as `Retry-After`.
    public init(_ status: HTTPResponse.Status, _ detail: String, fields: HTTPFields = [:]) {
        response = Response(status: status, detail: detail, fields: fields)
    }

    /// The schema of `{"detail":"Not Found"}`, which every error has.
    public static let schema = Schema(
        name: "Error",
        definition: [
            "type": "object", "required": ["detail"], "additionalProperties": false,
            "properties": ["detail": ["type": "string", "description": "What is wrong."]],
        ]
    )
}
