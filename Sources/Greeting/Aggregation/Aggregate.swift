import HTTPTypes

/// The content of `/aggregate`: what came of each upstream, by its name.
struct Aggregate: AnswerBody {
    var sources: [SourceAnswer]

    var content: [UInt8] {
        var writer = JSONWriter()
        writer.append(#"{"sources":{"#)
        for (index, source) in sources.enumerated() {
            if index > 0 { writer.append(",") }
            writer.write(source.name)
            writer.append(":")
            source.write(into: &writer)
        }
        writer.append("}}")
        return writer.bytes
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

    init(name: String, _ outcome: Aggregator.Outcome) {
        self.name = name
        elapsed = outcome.elapsed
        switch outcome.result {
        case .failure(let failure):
            status = failure.status
            body = nil
            self.failure = failure
        case .success(let answer):
            status = answer.status
            let isJSON = JSONText.isValid(answer.body)
            body = isJSON ? answer.body : nil
            if !(200...299).contains(answer.status) {
                failure = UpstreamFailure(type: "status", message: "The status is \(answer.status).")
            } else if !isJSON {
                failure = UpstreamFailure(type: "not_json", message: "The content is not JSON.")
            } else {
                failure = nil
            }
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
            writer.write(["type": .string(failure.type), "msg": .string(failure.message)])
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
                    "properties": ["type": ["type": "string"], "msg": ["type": "string"]],
                ],
            ],
        ]
    )
}
