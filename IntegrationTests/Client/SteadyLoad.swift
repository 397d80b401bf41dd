import NIOCore

/// A load that goes on until it is stopped.
///
/// Several may run at once on one engine, against several targets. It must be stopped, or its connections stay.
public struct SteadyLoad: Sendable {
    /// How a load's progress may be waited for in vain.
    public struct NotReached: Error, CustomStringConvertible {
        /// What the load had seen by then.
        public let report: LoadReport

        /// The summary of what the load had seen.
        public var description: String { "the load did not get so far in time: \(report)" }
    }

    private let crew: LoadCrew

    init(crew: LoadCrew) { self.crew = crew }

    /// What the load has seen so far.
    public func snapshot() async -> LoadReport {
        await crew.report { worker in
            var report = worker.report
            report.endNanoseconds = monotonicNow()
            return worker.loop.makeSucceededFuture(report)
        }
    }

    /// Waits until a condition on what was seen so far holds, looking every 10 ms.
    ///
    /// - Throws: ``NotReached`` when it does not in time; `CancellationError`.
    @discardableResult
    public func wait(
        within bound: Duration,
        until condition: (LoadReport) -> Bool
    ) async throws -> LoadReport {
        let end = ContinuousClock.now + bound
        while true {
            let report = await snapshot()
            if condition(report) { return report }
            guard ContinuousClock.now < end else { throw NotReached(report: report) }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Waits until so many more requests were answered rightly, to know that the load goes through.
    ///
    /// - Throws: ``NotReached`` when they were not in time; `CancellationError`.
    public func waitForAnswers(_ count: Int, within bound: Duration) async throws {
        let before = await snapshot()
        let wanted = before.count(.ok) + before.count(.slow) + count
        try await wait(within: bound) { $0.count(.ok) + $0.count(.slow) >= wanted }
    }

    /// Ends the load: no new requests, those in work may finish, then all connections are closed.
    ///
    /// - Parameters:
    ///   - grace: How long requests in work may take; what takes longer is ``Outcome/unfinished``.
    ///   - settle: How long to watch for answers too many after the last answer.
    public func stop(grace: Duration = .seconds(15), settle: Duration = .milliseconds(50)) async -> LoadReport {
        await crew.stop(grace: grace, settle: settle)
    }
}

extension LoadEngine {
    /// Starts a load of connections that are kept, each with one request after the other.
    ///
    /// A connection that the server closes, or announces to close, is opened anew.
    ///
    /// - Parameters:
    ///   - plan: What to ask, and what must come back.
    ///   - connections: How many connections.
    ///   - thinkTime: The pause between an answer and the next request, in steps of 5 ms.
    ///   - pace: How fast connections are opened.
    /// - Throws: ``TargetError`` when the target cannot be an address.
    public func keepAliveLoad(
        _ plan: RequestPlan,
        connections: Int,
        thinkTime: Duration = .zero,
        pace: ConnectPace = ConnectPace()
    ) async throws(TargetError) -> SteadyLoad {
        SteadyLoad(
            crew: try await LoadCrew.start(
                on: self,
                plan: plan,
                style: .keepAlive(thinkTime: thinkTime),
                connections: connections,
                pace: pace
            )
        )
    }

    /// Starts a load that opens a connection for each request.
    ///
    /// - Parameters:
    ///   - plan: What to ask, and what must come back.
    ///   - concurrency: How many requests at once.
    ///   - announceClose: Whether requests carry `Connection: close`, so that the server closes first and the client's
    ///     ports are not used up by TIME_WAIT. Then ``LoadReport/closeAnnounced`` counts them.
    ///   - pace: How fast connections are opened.
    /// - Throws: ``TargetError`` when the target cannot be an address.
    public func freshConnectionLoad(
        _ plan: RequestPlan,
        concurrency: Int,
        announceClose: Bool = true,
        pace: ConnectPace = ConnectPace()
    ) async throws(TargetError) -> SteadyLoad {
        SteadyLoad(
            crew: try await LoadCrew.start(
                on: self,
                plan: plan,
                style: .fresh(announceClose: announceClose),
                connections: concurrency,
                pace: pace
            )
        )
    }
}
