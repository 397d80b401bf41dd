import NIOCore

/// The workers of one load, one for each event loop.
struct LoadCrew: Sendable {
    private struct Member: Sendable {
        let loop: any EventLoop
        let worker: NIOLoopBound<LoadWorker>
    }

    private let members: [Member]

    /// Makes the workers and starts them.
    static func start(
        on engine: LoadEngine,
        plan: RequestPlan,
        style: LoadStyle,
        connections: Int,
        pace: ConnectPace
    ) async throws(TargetError) -> LoadCrew {
        let address = try plan.target.socketAddress()
        let start = monotonicNow()
        let loops = engine.loops
        var members: [Member] = []
        var eachPace = pace
        eachPace.connectsPerSecond = pace.connectsPerSecond.map { max(1, $0 / loops.count) }
        for (index, loop) in loops.enumerated() {
            let share = connections / loops.count + (index < connections % loops.count ? 1 : 0)
            let worker = loop.submit { [eachPace] in
                let worker = LoadWorker(
                    loop: loop,
                    plan: plan,
                    address: address,
                    style: style,
                    pace: eachPace,
                    slots: share,
                    firstSequence: UInt64(index),
                    sequenceStride: UInt64(loops.count),
                    start: start
                )
                worker.start()
                return NIOLoopBound(worker, eventLoop: loop)
            }
            do {
                members.append(Member(loop: loop, worker: try await worker.get()))
            } catch {
                throw TargetError(target: plan.target, reason: "the engine is shut down: \(error)")
            }
        }
        return LoadCrew(members: members)
    }

    /// Runs something on each worker's event loop.
    func each(_ body: @escaping @Sendable (LoadWorker) -> Void) {
        for member in members { member.loop.execute { body(member.worker.value) } }
    }

    /// Gets something from each worker.
    func gather<Value: Sendable>(_ body: @escaping @Sendable (LoadWorker) -> EventLoopFuture<Value>) async -> [Value] {
        var values: [Value] = []
        for member in members {
            // The futures of a worker do not fail; a loop that is shut down has nothing to tell.
            guard let value = try? await member.loop.flatSubmit({ body(member.worker.value) }).get() else { continue }
            values.append(value)
        }
        return values
    }

    /// The reports of all workers as one.
    func report(_ body: @escaping @Sendable (LoadWorker) -> EventLoopFuture<LoadReport>) async -> LoadReport {
        let reports = await gather(body)
        var sum = reports.first ?? LoadReport(label: "", startNanoseconds: monotonicNow())
        for report in reports.dropFirst() { sum.merge(report) }
        return sum
    }

    /// Ends the load, and waits for what is in work, at most `grace`.
    func stop(grace: Duration, settle: Duration) async -> LoadReport {
        let bounds = (UInt64(clamping: grace.wholeNanoseconds), UInt64(clamping: settle.wholeNanoseconds))
        each { $0.beginStop(grace: bounds.0, settle: bounds.1) }
        return await finish()
    }

    /// Waits for the end. A cancelled task does not wait for requests in work.
    func finish() async -> LoadReport {
        await withTaskCancellationHandler {
            await report { $0.finished.futureResult }
        } onCancel: {
            each { $0.beginStop(grace: 0, settle: 0) }
        }
    }
}
