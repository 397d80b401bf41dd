import NIOCore

extension LoadEngine {
    /// Sends one request on each of many connections and waits for all the answers: 1, 100, 10,000 at once.
    ///
    /// Latency counts from the request's send, so that the time of connecting is not in it.
    ///
    /// - Parameters:
    ///   - plan: What to ask, and what must come back.
    ///   - connections: How many connections, and so requests.
    ///   - waitForAll: Whether requests go out when all connections are up, rather than each as soon as its own is.
    ///   - pace: How fast connections are opened.
    ///   - bound: The time for all of it. What is not finished then is ``Outcome/unfinished``.
    ///   - settle: How long to watch for answers too many after the last answer.
    /// - Returns: The outcomes; a failure to connect is an outcome, too. Cancelling the task ends the burst at once.
    /// - Throws: ``TargetError`` when the target cannot be an address.
    public func burst(
        _ plan: RequestPlan,
        connections: Int,
        waitForAll: Bool = true,
        pace: ConnectPace = ConnectPace(),
        within bound: Duration = .seconds(60),
        settle: Duration = .milliseconds(20)
    ) async throws(TargetError) -> LoadReport {
        let crew = try await LoadCrew.start(
            on: self,
            plan: plan,
            style: .burst(waitForAll: waitForAll),
            connections: connections,
            pace: pace
        )
        let settleNanoseconds = UInt64(clamping: settle.wholeNanoseconds)
        crew.each { worker in
            worker.settle = settleNanoseconds
            worker.end(in: bound)
        }
        return await withTaskCancellationHandler {
            if waitForAll {
                _ = await crew.gather { $0.allConnected.futureResult }
                crew.each { $0.release() }
            }
            return await crew.finish()
        } onCancel: {
            crew.each { $0.beginStop(grace: 0, settle: 0) }
        }
    }
}
