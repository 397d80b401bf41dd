import HTTPServer
import HTTPTypes

/// Gives the document, with or without what is for administrators.
typealias DocumentSource = @Sendable (_ forAdministrators: Bool) -> Answer<OpenAPIDocument>

/// The endpoints that every service has, behind its own.
func standardEndpoints(_ parts: EndpointService.Parts, _ document: @escaping DocumentSource) -> [Endpoint] {
    [
        Endpoint(
            .get,
            "/healthz",
            name: "alive",
            summary: "Whether the process is alive",
            details: "Says so always; what cannot say so is not alive."
        ) { _ in .answer(Health.alive) },

        Endpoint(
            .get,
            "/readyz",
            name: "ready",
            summary: "Whether to send requests",
            details: "Ready until a stop begins.",
            others: [
                Endpoint.OtherAnswer(
                    status: .serviceUnavailable,
                    summary: "The service is about to stop.",
                    schema: Health.schema
                )
            ]
        ) { request in
            if request.isDraining { return .answer(Health.draining) }
            return .answer(parts.isReady() ? Health.ready : Health.notReady)
        },

        Endpoint(
            .get,
            "/metrics",
            name: "metrics",
            summary: "Metrics for Prometheus",
            details: "Only on listeners named admin; elsewhere there is no such path.",
            audience: .administrators
        ) { _ in .answer(Answer(MetricsText(text: parts.metrics()))) },

        Endpoint(
            .get,
            "/openapi.json",
            name: "openapi",
            summary: "This document",
            details: "Generated from the declarations that route and validate."
        ) { request in .answer(document(request.listener == Router.administrators)) },

        Endpoint(
            .get,
            "/docs",
            name: "docs",
            summary: "This document as a page",
            details: "Lists the endpoints, and tries them."
        ) { _ in .answer(DocumentationPage.answer) },
    ]
}

/// `{"status":"ready"}`.
struct Health: JSONContent {
    enum Status: String, CaseIterable, Sendable {
        case alive, ready, draining
        case notReady = "not ready"
    }

    var status: Status

    var json: JSON { ["status": .string(status.rawValue)] }

    static let alive = Answer(Health(status: .alive))
    static let ready = Answer(Health(status: .ready))
    static let draining = Answer(Health(status: .draining), status: .serviceUnavailable)
    static let notReady = Answer(Health(status: .notReady), status: .serviceUnavailable)

    static let schema = Schema(
        name: "Health",
        definition: [
            "type": "object", "required": ["status"], "additionalProperties": false,
            "properties": ["status": ["enum": .array(Status.allCases.map { .string($0.rawValue) })]],
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
