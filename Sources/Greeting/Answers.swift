import HTTPServer
import HTTPTypes

/// `{"Hello":"World"}`.
struct Greeting: JSONBody {
    var hello: String

    var json: JSON { ["Hello": .string(hello)] }

    /// The answer of `GET /`, made once.
    static let world = Answer(Greeting(hello: "World"))

    static let schema = Schema(
        name: "Greeting",
        definition: [
            "type": "object", "required": ["Hello"], "additionalProperties": false,
            "properties": ["Hello": ["type": "string", "description": "Who is greeted."]],
        ]
    )
}

/// `{"status":"ready"}`.
struct Health: JSONBody {
    enum Status: String, CaseIterable, Sendable { case alive, ready, draining }

    var status: Status

    var json: JSON { ["status": .string(status.rawValue)] }

    static let alive = Answer(Health(status: .alive))
    static let ready = Answer(Health(status: .ready))
    static let draining = Answer(Health(status: .draining), status: .serviceUnavailable)

    static let schema = Schema(
        name: "Health",
        definition: [
            "type": "object", "required": ["status"], "additionalProperties": false,
            "properties": ["status": ["enum": .array(Status.allCases.map { .string($0.rawValue) })]],
        ]
    )
}

/// `{"detail":"Not Found"}`, which every error has.
enum ErrorDetail {
    static let schema = Schema(
        name: "Error",
        definition: [
            "type": "object", "required": ["detail"], "additionalProperties": false,
            "properties": ["detail": ["type": "string", "description": "What is wrong."]],
        ]
    )
}

/// Metrics in Prometheus' text format 0.0.4.
struct MetricsText: AnswerBody {
    var text: String

    var content: [UInt8] { Array(text.utf8) }

    static let contentType = "text/plain; version=0.0.4; charset=utf-8"
    static let schema = Schema(definition: ["type": "string"])
}

/// An endpoint's way to answer with an error that has no content of its own.
protocol AnsweredError: Error {
    /// The answer.
    var response: Response { get }
}

/// `/aggregate` without anything to aggregate.
struct NoUpstreams: AnsweredError {
    var response: Response { Self.answer }

    private static let answer = Response(
        status: .serviceUnavailable,
        detail: "No upstream is configured. Name some in aggregate.upstreams of the configuration."
    )
}

/// `/aggregate` when its calls would be more than may wait.
struct TooManyCalls: AnsweredError {
    var response: Response { Self.answer }

    private static let answer = Response(
        status: .serviceUnavailable,
        detail: "Too many calls of upstreams wait already. Try again later.",
        fields: [.retryAfter: "1"]
    )
}
