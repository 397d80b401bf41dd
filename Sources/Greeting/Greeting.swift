import HTTPEndpoints

/// `{"Hello":"World"}`.
struct Greeting: JSONContent {
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
