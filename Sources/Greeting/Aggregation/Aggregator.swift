import HTTPServer
import HTTPTypes

/// Calls upstreams all at once, and gathers what comes back in time.
public final class Aggregator: Sendable {
    private let client: any UpstreamClient
    private let places = CallPlaces()

    /// Creates an aggregator.
    public init(client: any UpstreamClient) {
        self.client = client
    }

    /// What came of one upstream.
    struct Outcome: Sendable {
        var index: Int
        var elapsed: Duration
        var result: Result<UpstreamAnswer, UpstreamFailure>
    }

    /// Answers when the last upstream has, or when the deadline has passed.
    ///
    /// - Throws: `CancellationError` when the client has gone away; the calls are given up.
    func aggregate(
        for request: Request,
        _ upstreams: [Upstream],
        _ settings: AggregationSettings
    ) async throws -> Answer<Aggregate> {
        let trace = TraceParent(continuing: request.head.traceParent, id: request.id)
        let fields = [("X-Request-ID", request.id.description), ("traceparent", trace.description)]
        var outcomes = try await withThrowingTaskGroup(of: Outcome.self) { group in
            for (index, upstream) in upstreams.enumerated() {
                group.addTask {
                    try await self.call(index, upstream, fields, settings, request.clock)
                }
            }
            var outcomes: [Outcome] = []
            for try await outcome in group { outcomes.append(outcome) }
            return outcomes
        }
        outcomes.sort { $0.index < $1.index }
        let sources = outcomes.map { SourceAnswer(name: upstreams[$0.index].name, $0) }
        return Answer(
            Aggregate(sources: sources),
            status: sources.contains { $0.failure == nil } ? .ok : .badGateway
        )
    }

    /// Calls one upstream within its own deadline and that of all.
    private func call(
        _ index: Int,
        _ upstream: Upstream,
        _ fields: [(String, String)],
        _ settings: AggregationSettings,
        _ clock: any RequestClock
    ) async throws -> Outcome {
        let start = ContinuousClock.now
        func outcome(_ result: Result<UpstreamAnswer, UpstreamFailure>) -> Outcome {
            Outcome(index: index, elapsed: ContinuousClock.now - start, result: result)
        }
        do {
            let answer = try await within(settings.deadline, clock) {
                try await self.places.withPlace(of: settings.maximumCalls) {
                    try await self.within(settings.timeout, clock) {
                        try await self.client.get(upstream, fields: fields, maximumBody: settings.maximumBody)
                    }
                }
            }
            return outcome(.success(answer))
        } catch let failure as UpstreamFailure {
            return outcome(.failure(failure))
        }
    }

    /// Runs `body` until it ends or the time is up, whichever is first.
    private func within(
        _ limit: Duration,
        _ clock: any RequestClock,
        _ body: @escaping @Sendable () async throws -> UpstreamAnswer
    ) async throws -> UpstreamAnswer {
        try await withThrowingTaskGroup(of: UpstreamAnswer?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await clock.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let answer = first else {
                let seconds = limit.inSeconds.jsonText
                throw UpstreamFailure(type: "timeout", message: "There was no answer within \(seconds) s.")
            }
            return answer
        }
    }
}
