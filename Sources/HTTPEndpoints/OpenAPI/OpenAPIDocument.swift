import HTTPTypes

/// The OpenAPI 3.1 document of some endpoints (https://spec.openapis.org/oas/v3.1.0).
struct OpenAPIDocument: JSONContent {
    let json: JSON

    static let schema = Schema(definition: ["type": "object"])

    init(endpoints: [Endpoint], _ description: APIDescription) {
        var schemas: [Schema] = []
        var paths: [JSON.Member] = []
        for endpoint in endpoints {
            let operation = JSON.Member(
                name: endpoint.method.rawValue.lowercased(),
                value: Self.operation(endpoint, &schemas)
            )
            let name = "\(endpoint.path)"
            if let index = paths.firstIndex(where: { $0.name == name }) {
                paths[index].value = paths[index].value.merging(.object([operation]))
            } else {
                paths.append(JSON.Member(name: name, value: .object([operation])))
            }
        }
        let common = CommonAnswer.all.map { answer in
            JSON.Member(name: answer.name, value: Self.answer(answer.summary, HTTPError.schema, &schemas))
        }
        json = [
            "openapi": "3.1.0",
            "info": Self.info(description),
            "servers": [["url": "/"]],
            "paths": .object(paths),
            "components": [
                "schemas": .object(
                    schemas.compactMap { schema in schema.name.map { .init(name: $0, value: schema.definition) } }
                ),
                "responses": .object(common),
                "headers": ["X-Request-ID": Self.requestIDHeader],
            ],
        ]
    }

    private static func info(_ description: APIDescription) -> JSON {
        let info: JSON = [
            "title": .string(description.title), "version": .string(description.version),
            "description": .string(description.text),
        ]
        return info.merging(
            description.license.map { ["license": ["name": .string($0), "identifier": .string($0)]] } ?? [:]
        )
    }

    private static let requestIDHeader: JSON = [
        "description": "Names the request, here and in the journal.",
        "required": true,
        "schema": ["type": "string", "minLength": 1, "maxLength": 128],
    ]

    // MARK: Operations

    private static func operation(_ endpoint: Endpoint, _ schemas: inout [Schema]) -> JSON {
        var members: [JSON.Member] = [
            .init(name: "operationId", value: .string(endpoint.name)),
            .init(name: "summary", value: .string(endpoint.summary)),
            .init(name: "description", value: .string(endpoint.details)),
        ]
        let parameters = endpoint.parameters.filter { $0.location != .body }
        if !parameters.isEmpty {
            members.append(.init(name: "parameters", value: .array(parameters.map(parameter))))
        }
        if endpoint.takesContent {
            members.append(.init(name: "requestBody", value: requestBody(endpoint.parameters, &schemas)))
        }
        let hasContent = endpoint.status != .noContent
        var answers = [
            JSON.Member(
                name: String(endpoint.status.code),
                value: answer(
                    "The answer.",
                    endpoint.schema,
                    contentType: hasContent ? endpoint.contentType : nil,
                    &schemas
                )
            )
        ]
        for other in endpoint.others {
            let value = answer(other.summary, other.schema, fields: other.fields, &schemas)
            answers.append(.init(name: String(other.status.code), value: value))
        }
        if !endpoint.parameters.isEmpty {
            answers.append(.init(name: "422", value: answer("The input is not valid.", InvalidInput.schema, &schemas)))
        }
        if endpoint.takesContent {
            let summary = "The content says of itself that it is no JSON."
            answers.append(.init(name: "415", value: answer(summary, HTTPError.schema, &schemas)))
        }
        // Where an endpoint has an answer of its own with that status, that one says more.
        let own = Set(answers.map(\.name))
        answers += CommonAnswer.all.filter { !own.contains($0.code) }.map { answer in
            .init(name: answer.code, value: ["$ref": .string("#/components/responses/\(answer.name)")])
        }
        members.append(.init(name: "responses", value: .object(answers.sorted { $0.name < $1.name })))
        return .object(members)
    }

    private static func parameter(_ parameter: ParameterDeclaration) -> JSON {
        [
            "name": .string(parameter.name), "in": .string(parameter.location.rawValue),
            "required": .bool(parameter.isRequired), "description": .string(parameter.summary),
            "schema": parameter.schema,
        ]
    }

    /// The JSON that an endpoint takes: one value, or an object of which its parameters are members.
    private static func requestBody(_ parameters: [ParameterDeclaration], _ schemas: inout [Schema]) -> JSON {
        let parts = parameters.filter { $0.location == .body }
        let schema: JSON
        if let whole = parts.compactMap(\.whole).first {
            note(whole, &schemas)
            schema = whole.use
        } else {
            let properties = parts.map { part in
                JSON.Member(name: part.name, value: part.schema.merging(["description": .string(part.summary)]))
            }
            let required = parts.filter(\.isRequired).map { JSON.string($0.name) }
            schema = ["type": "object", "required": .array(required), "properties": .object(properties)]
        }
        return ["required": true, "content": ["application/json": ["schema": schema]]]
    }

    // MARK: Answers

    private static func answer(
        _ summary: String,
        _ schema: Schema,
        contentType: String? = "application/json",
        fields: JSON = [:],
        _ schemas: inout [Schema]
    ) -> JSON {
        let requestID: JSON = ["X-Request-ID": ["$ref": "#/components/headers/X-Request-ID"]]
        let head: JSON = ["description": .string(summary), "headers": requestID.merging(fields)]
        guard let contentType else { return head }
        note(schema, &schemas)
        let mediaType = contentType.split(separator: ";").first.map(String.init) ?? contentType
        return head.merging(["content": .object([.init(name: mediaType, value: ["schema": schema.use])])])
    }

    private static func note(_ schema: Schema, _ schemas: inout [Schema]) {
        for part in schema.parts { note(part, &schemas) }
        guard let name = schema.name, !schemas.contains(where: { $0.name == name }) else { return }
        schemas.append(schema)
    }
}

/// An answer that any request can get, whatever it asks for.
struct CommonAnswer: Sendable {
    var status: HTTPResponse.Status
    /// Its name among the document's components.
    var name: String
    var summary: String

    var code: String { String(status.code) }

    static let all = [
        CommonAnswer(status: .badRequest, name: "BadRequest", summary: "The request is not valid HTTP."),
        CommonAnswer(status: .notFound, name: "NotFound", summary: "There is no such path."),
        CommonAnswer(
            status: .methodNotAllowed,
            name: "MethodNotAllowed",
            summary: "The path does not take the method; Allow tells which it takes."
        ),
        CommonAnswer(status: .requestTimeout, name: "RequestTimeout", summary: "The request did not arrive in time."),
        CommonAnswer(status: .contentTooLarge, name: "ContentTooLarge", summary: "The request's content is too large."),
        CommonAnswer(status: .uriTooLong, name: "URITooLong", summary: "The request line is too long."),
        CommonAnswer(
            status: .expectationFailed,
            name: "ExpectationFailed",
            summary: "The request expects something else than 100-continue."
        ),
        CommonAnswer(
            status: .misdirectedRequest,
            name: "MisdirectedRequest",
            summary: "The target is an https URI, and the connection has no TLS."
        ),
        CommonAnswer(
            status: .requestHeaderFieldsTooLarge,
            name: "HeaderFieldsTooLarge",
            summary: "The header section is too large."
        ),
        CommonAnswer(status: .internalServerError, name: "InternalError", summary: "A defect; the journal knows more."),
        CommonAnswer(
            status: .notImplemented,
            name: "NotImplemented",
            summary: "The method or the transfer coding is not known."
        ),
        CommonAnswer(
            status: .serviceUnavailable,
            name: "Overloaded",
            summary: "Too many requests are in work; Retry-After says when to try again."
        ),
        CommonAnswer(
            status: .httpVersionNotSupported,
            name: "VersionNotSupported",
            summary: "The version of HTTP is not 1.x."
        ),
    ]
}
