import HTTPServer
import HTTPTypes

/// The 422 of a request whose input is not valid.
struct InvalidInput: JSONContent {
    var issues: [ValidationIssue]

    var json: JSON { ["detail": .array(issues.map(\.json))] }
    var response: Response { get throws { try Answer(self, status: .unprocessableContent).response } }

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
                    "type": "array", "items": ["anyOf": [["type": "string"], ["type": "integer"]]],
                    "description": "Where: path, query, header or body, and the name or the index.",
                ],
                "msg": ["type": "string", "description": "What is wrong, for people."],
                "input": ["description": "What was sent; for a repeated parameter all of it, as a list."],
                "ctx": [
                    "type": "object", "description": "What else there is to say, such as what is wrong with the JSON.",
                ],
            ],
        ]
    )
}
