import HTTPEndpoints

/// The content of `/aggregate`: what came of each upstream, by its name.
struct Aggregate: AnswerBody {
    let content: [UInt8]

    /// Octets past which others of the event loop have their turn before the next source is written.
    private static let turn = 1 << 20

    /// Writes the content, a bounded piece in each turn of the event loop.
    init(sources: [SourceAnswer]) async {
        var writer = JSONWriter()
        // Room that grows would be copied each time.
        writer.reserveCapacity(sources.reduce(64) { $0 + ($1.body?.count ?? 0) + 512 })
        writer.append(#"{"sources":{"#)
        var written = 0
        for (index, source) in sources.enumerated() {
            if index > 0 { writer.append(",") }
            writer.write(source.name)
            writer.append(":")
            source.write(into: &writer)
            if writer.bytes.count - written > Self.turn {
                written = writer.bytes.count
                await Task.yield()
            }
        }
        writer.append("}}")
        content = writer.bytes
    }

    static let schema = Schema(
        name: "Aggregate",
        definition: [
            "type": "object", "required": ["sources"], "additionalProperties": false,
            "properties": [
                "sources": [
                    "type": "object", "description": "What came of each upstream, by its name.",
                    "additionalProperties": SourceAnswer.schema.use,
                ]
            ],
        ],
        parts: [SourceAnswer.schema]
    )
}

/// What came of one upstream.
struct SourceAnswer: Sendable {
    let name: String
    let elapsed: Duration
    let status: Int?
    /// JSON text as the upstream sent it, or nil.
    let body: [UInt8]?
    let failure: UpstreamFailure?

    init(name: String, _ outcome: Aggregator.CallOutcome) {
        self.name = name
        elapsed = outcome.elapsed
        switch outcome.result {
        case .failure(let failure):
            status = failure.status
            body = nil
            self.failure = failure
        case .success(let answer):
            status = answer.status
            body = answer.isJSON && answer.coding == nil ? answer.body : nil
            failure = answer.failure
        }
    }

    func write(into writer: inout JSONWriter) {
        writer.append("{\"status\":\(status.map(String.init) ?? "null")")
        writer.append(",\"elapsed_ms\":\(Int(elapsed.inSeconds * 1000))")
        if let body {
            writer.append(",\"body\":")
            writer.append(body)
        }
        if let failure {
            writer.append(",\"error\":")
            writer.write(["type": .string(failure.kind.rawValue), "msg": .string(failure.message)])
        }
        writer.append("}")
    }

    static let schema = Schema(
        name: "SourceAnswer",
        definition: [
            "type": "object", "required": ["status", "elapsed_ms"], "additionalProperties": false,
            "properties": [
                "status": [
                    "type": ["integer", "null"], "description": "The upstream's status; null without an answer.",
                ],
                "elapsed_ms": ["type": "integer", "minimum": 0, "description": "How long it took, in milliseconds."],
                "body": ["description": "The content, if it is JSON."],
                "error": [
                    "type": "object", "required": ["type", "msg"], "additionalProperties": false,
                    "description": "What went wrong; absent where the status is 2xx and the content JSON.",
                    "properties": [
                        "type": [
                            "type": "string",
                            "enum": .array(UpstreamFailure.Kind.allCases.map { .string($0.rawValue) }),
                        ],
                        "msg": ["type": "string"],
                    ],
                ],
            ],
        ]
    )
}
