public import HTTPEndpoints
import HTTPServer
import HTTPTypes

extension Aggregator {
    /// `GET /aggregate`.
    ///
    /// - Parameters:
    ///   - aggregator: What calls; without it there is nothing to call.
    ///   - upstreams: What is called.
    ///   - settings: How it is called.
    public static func endpoint(
        _ aggregator: Aggregator?,
        _ upstreams: [Upstream],
        _ settings: AggregationSettings
    ) -> Endpoint {
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
                    fields: [
                        "Retry-After": [
                            "description": "In how many seconds to try again, where too many calls wait.",
                            "schema": ["type": "integer", "minimum": 1],
                        ]
                    ]
                ),
            ]
        ) { (request: Request) throws -> Outcome<Aggregate> in
            guard let aggregator, !upstreams.isEmpty else { throw HTTPError.noUpstreams }
            return .work { try await aggregator.aggregate(for: request, upstreams, settings) }
        }
    }
}

extension HTTPError {
    /// There is nothing to aggregate.
    static let noUpstreams = HTTPError(
        .serviceUnavailable,
        "No upstream is configured. Name some in aggregate.upstreams of the configuration."
    )

    /// The calls would be more than may wait.
    static let tooManyCalls = HTTPError(
        .serviceUnavailable,
        "Too many calls of upstreams wait already. Try again later.",
        fields: [.retryAfter: "1"]
    )
}
