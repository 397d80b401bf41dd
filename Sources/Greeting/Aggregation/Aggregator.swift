import HTTPEndpoints
import HTTPServer
import HTTPTypes

/// Calls upstreams all at once, and gathers what comes back in time.
public final class Aggregator: Sendable {
    private let client: any UpstreamClient
    private let observer: (any UpstreamObserver)?
    private let places: CallPlaces

    /// Creates an aggregator.
    public init(client: any UpstreamClient, observer: (any UpstreamObserver)? = nil) {
        self.client = client
        self.observer = observer
        let settings = AggregationSettings()
        places = CallPlaces(settings.maximumCalls, waiting: settings.maximumWaitingCalls)
    }

    /// Calls that go on, and calls that wait for a place.
    public var calls: (inWork: Int, waiting: Int) { (places.counts.taken, places.counts.waiting) }

    /// Applies what concerns all requests together, those that wait included.
    public func update(_ settings: AggregationSettings) {
        places.resize(settings.maximumCalls, waiting: settings.maximumWaitingCalls)
    }

    /// What came of one upstream.
    struct CallOutcome: Sendable {
        var elapsed: Duration
        var result: Result<UpstreamAnswer, UpstreamFailure>
    }

    /// Answers when the last upstream has, or when the deadline has passed.
    ///
    /// - Throws: `CancellationError` when the client has gone away; the calls are given up. ``HTTPError/tooManyCalls`` when there is no
    ///   room to wait in.
    func aggregate(
        for request: Request,
        _ upstreams: [Upstream],
        _ settings: AggregationSettings
    ) async throws -> Answer<Aggregate> {
        let settings = settings.lessened(by: request.age)
        guard places.admit(upstreams.count) else { throw HTTPError.tooManyCalls }
        defer { places.dismiss(upstreams.count) }
        let outcomes = try await outcomes(of: upstreams, for: request, settings)
        let sources = zip(upstreams, outcomes).map { SourceAnswer(name: $0.name, $1) }
        return Answer(
            await Aggregate(sources: sources),
            status: sources.contains { $0.failure == nil } ? .ok : .badGateway
        )
    }

    /// What came of each upstream, in their order.
    private func outcomes(
        of upstreams: [Upstream],
        for request: Request,
        _ settings: AggregationSettings
    ) async throws -> [CallOutcome] {
        let fields = Self.fields(request)
        let id = request.id.description
        let start = ContinuousClock.now
        return try await withThrowingTaskGroup(of: (index: Int, outcome: CallOutcome)?.self) { group in
            group.addTask {
                try await request.clock.sleep(for: settings.deadline)
                return nil
            }
            for (index, upstream) in upstreams.enumerated() {
                group.addTask {
                    let result = try await self.call(upstream, fields, settings, request.clock)
                    return (index, CallOutcome(elapsed: ContinuousClock.now - start, result: result))
                }
            }
            defer { group.cancelAll() }
            var outcomes = [CallOutcome?](repeating: nil, count: upstreams.count)
            var missing = upstreams.count
            while missing > 0, let (index, outcome) = try await group.next() ?? nil {
                outcomes[index] = outcome
                missing -= 1
                observe(upstreams[index], id, outcome)
            }
            // Those that have not ended are late, all together.
            return outcomes.enumerated().map { index, outcome in
                if let outcome { return outcome }
                let late = CallOutcome(elapsed: ContinuousClock.now - start, result: .failure(.late(settings.deadline)))
                observe(upstreams[index], id, late)
                return late
            }
        }
    }

    /// What goes with each call: the request's name, and its trace (W3C Trace Context, sections 3.2 and 3.3).
    private static func fields(_ request: Request) -> [(String, String)] {
        let trace = TraceParent(continuing: request.head.traceParent, id: request.id)
        var fields = [("X-Request-ID", request.id.description), ("traceparent", trace.description)]
        // Without the caller's trace its state would belong to another one.
        if request.head.traceParent.flatMap(TraceParent.init) != nil,
            let state = TraceState(request.head.values(ofField: "tracestate"))
        {
            fields.append(("tracestate", state.value))
        }
        return fields
    }

    private func observe(_ upstream: Upstream, _ requestID: String, _ outcome: CallOutcome) {
        guard let observer else { return }
        let failure: UpstreamFailure? =
            switch outcome.result {
            case .success(let answer): answer.failure
            case .failure(let failure): failure
            }
        observer.ended(
            UpstreamCall(upstream: upstream, requestID: requestID, elapsed: outcome.elapsed, failure: failure)
        )
    }

    /// Calls one upstream, once there is a place, within its own time.
    private func call(
        _ upstream: Upstream,
        _ fields: [(String, String)],
        _ settings: AggregationSettings,
        _ clock: any RequestClock
    ) async throws -> Result<UpstreamAnswer, UpstreamFailure> {
        do {
            return try await places.withPlace {
                try await within(settings.timeout, clock) {
                    .success(try await self.client.get(upstream, fields: fields, maximumBody: settings.maximumBody))
                }
            }
        } catch let failure as UpstreamFailure {
            return .failure(failure)
        }
    }

    /// Runs `body` until it ends or the time is up, whichever is first.
    private func within(
        _ limit: Duration,
        _ clock: any RequestClock,
        _ body: @escaping @Sendable () async throws -> Result<UpstreamAnswer, UpstreamFailure>
    ) async throws -> Result<UpstreamAnswer, UpstreamFailure> {
        try await withThrowingTaskGroup(of: Result<UpstreamAnswer, UpstreamFailure>.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await clock.sleep(for: limit)
                return .failure(.late(limit))
            }
            defer { group.cancelAll() }
            return try await group.next() ?? .failure(.late(limit))
        }
    }
}

extension UpstreamFailure {
    fileprivate static func late(_ limit: Duration) -> UpstreamFailure {
        UpstreamFailure(.timeout, "There was no answer within \(limit.inSeconds.jsonText) s.")
    }
}

extension AggregationSettings {
    /// What a call has at least that an earlier process has made already: an answer comes that much later at most.
    static let leastAgain = Duration.milliseconds(400)

    /// What is left of the times of a request that an earlier process had in work: a client waits no longer for an upstream
    /// that hangs because the daemon was restarted.
    func lessened(by age: Duration) -> AggregationSettings {
        guard age > .zero else { return self }
        var settings = self
        settings.timeout = min(timeout, max(timeout - age, Self.leastAgain))
        settings.deadline = min(deadline, max(deadline - age, Self.leastAgain))
        return settings
    }
}
