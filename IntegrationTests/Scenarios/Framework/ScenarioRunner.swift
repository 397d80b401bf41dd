import HarnessReport
import SystemdTestKit

/// Runs scenarios one after the other on the systemd of the machine it runs on.
struct ScenarioRunner: Sendable {
    /// How long a scenario whose time is up, or that was cancelled, may take to stop before it is left behind.
    static let grace: Duration = .seconds(10)

    let suite: Suite
    let scenarios: [Scenario]
    let options: ScenarioOptions
    let machine: any Machine
    let facts: [SuiteInformation.Fact]
    /// Whether the first scenario that fails is the last, and what it changed stays, for somebody to look at.
    var endsWithFailure = false
    let emit: @Sendable (Event) -> Void

    /// Runs them all, unless the task is cancelled.
    func run() async {
        emit(.suiteStarted(SuiteInformation(count: scenarios.count, facts: facts)))
        for scenario in scenarios {
            emit(.scenarioStarted(name: scenario.name, summary: scenario.summary))
            let started = ContinuousClock.now
            let outcome = await run(scenario)
            emit(.scenarioFinished(outcome: outcome, seconds: (ContinuousClock.now - started) / .seconds(1)))
            if Task.isCancelled { return }
            if endsWithFailure, case .failed = outcome { break }
        }
        emit(.suiteFinished)
    }

    private func run(_ scenario: Scenario) async -> Outcome {
        let context = ScenarioContext(
            options: options,
            machine: machine,
            journalUnits: suite.journalUnits,
            emit: emit
        )
        let outcome: Outcome
        do {
            let (setUp, check) = (suite.setUp, suite.check)
            try await bounded(by: scenario.timeout) {
                try await context.beginJournal()
                try await setUp(context)
                try await context.beginJournal()
                try await scenario.body(context)
                try await check(context)
            }
            outcome = .passed
        } catch let skipped as Skipped {
            outcome = .skipped(reason: skipped.reason)
        } catch {
            let reason = Task.isCancelled ? "the run was cancelled" : "\(error)"
            let own = (error as? FailedWithJournal)?.journal
            let journal = if let own { own } else { await Task { await context.journalExcerpt() }.value }
            outcome = .failed(reason: reason, journal: journal)
        }
        if endsWithFailure, case .failed = outcome { return outcome }
        // In a task of its own, for a cancelled one could take back nothing.
        let failures = await Task { await context.undo() }.value
        guard !failures.isEmpty else { return outcome }
        // Whatever became of it itself: the scenarios after it begin with what it has left.
        let left = "its changes could not be taken back:\n" + failures.joined(separator: "\n")
        if case .failed(let reason, let journal) = outcome {
            return .failed(reason: "\(reason)\n\(left)", journal: journal)
        }
        return .failed(reason: left, journal: await context.journalExcerpt())
    }

    /// Runs something for at most so long. What then does not stop when it is cancelled is left behind, so that the
    /// scenarios after it still run.
    private func bounded(by limit: Duration, _ work: @escaping @Sendable () async throws -> Void) async throws {
        let task = Task { try await work() }
        let (ends, end) = AsyncStream.makeStream(of: Result<Void, any Error>?.self)
        let watch = Task { end.yield(await task.result) }
        let alarm = Task {
            do { try await Task.sleep(for: limit) } catch { return }
            task.cancel()
            try? await Task.sleep(for: Self.grace)
            end.yield(nil)
        }
        defer {
            watch.cancel()
            alarm.cancel()
        }
        let started = ContinuousClock.now
        let result = await withTaskCancellationHandler {
            await Task { await ends.first { _ in true } }.value
        } onCancel: {
            task.cancel()
            Task {
                try? await Task.sleep(for: Self.grace)
                end.yield(nil)
            }
        }
        let isLate = ContinuousClock.now - started >= limit
        switch result {
        case .some(.some(.success)) where !isLate: return
        case .some(.some(.failure(let error))) where !isLate: throw error
        case .some(.some(.failure(let error))) where !(error is CancellationError):
            throw ExpectationFailed(description: "it was not done after \(limit); then: \(error)")
        case .some(.some): throw ExpectationFailed(description: "it was not done after \(limit)")
        case .some(.none), .none:
            throw ExpectationFailed(description: "it was not done after \(limit), and did not stop when cancelled")
        }
    }
}
