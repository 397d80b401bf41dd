import HTTPServer
import HTTPTypes

extension GreetingService {
    /// Every endpoint there is. To add one: declare it here. Routing, validation and the document follow.
    static func endpoints(_ settings: Settings, _ parts: Parts, _ document: @escaping DocumentSource) -> [Endpoint] {
        [
            Endpoint(
                .get,
                "/",
                name: "greetWorld",
                summary: "Greet the world",
                details: "Waits for greeting.delay (\(settings.delay.inSeconds.jsonText) s) without holding a thread."
            ) { _ in .delayed(Greeting.world, by: settings.delay) },

            Endpoint(
                .get,
                "/hello/{name}",
                name: "greet",
                summary: "Greet somebody",
                details: "Waits for the delay, then greets. A parameter that is given twice is refused; an unknown one "
                    + "is ignored.",
                parameters:
                    .path(
                        "name",
                        .name(1...64),
                        "Whom to greet: 1 to 64 Unicode scalars, no control characters, and neither . nor .. alone."
                    ),
                .query(
                    "delay",
                    .seconds(Duration.zero...settings.maximumDelay),
                    default: settings.delay,
                    "How long to wait, in seconds, as JSON writes numbers."
                )
            ) { _, name, delay in .delayed(Answer(Greeting(hello: name)), by: delay) },

            Endpoint(
                .get,
                "/aggregate",
                name: "aggregate",
                summary: "Call every upstream at once",
                details: "Answers when the last upstream has, or when its deadline has passed: the time is that of the "
                    + "slowest, not the sum. Upstreams that fail are reported beside those that do not.",
                others: [
                    Endpoint.OtherAnswer(
                        status: .badGateway,
                        summary: "Every upstream failed.",
                        schema: Aggregate.schema
                    ),
                    Endpoint.OtherAnswer(
                        status: .serviceUnavailable,
                        summary: "No upstream is configured, or too many calls wait already.",
                        schema: ErrorDetail.schema,
                        fields: [
                            "Retry-After": [
                                "description": "In how many seconds to try again, where too many calls wait.",
                                "schema": ["type": "integer", "minimum": 1],
                            ]
                        ]
                    ),
                ]
            ) { request in
                guard let aggregator = parts.aggregator, !settings.upstreams.isEmpty else { throw NoUpstreams() }
                return .work {
                    try await aggregator.aggregate(for: request, settings.upstreams, settings.aggregation)
                }
            },

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
            ) { request in .answer(request.isDraining ? Health.draining : Health.ready) },

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

    /// Gives the document, with or without what is for administrators.
    typealias DocumentSource = @Sendable (_ forAdministrators: Bool) -> Answer<OpenAPIDocument>
}
