import Foundation
import Glibc
import Synchronization

extension Command {
    /// Runs the program and waits for its end.
    ///
    /// A cancelled task kills it, and with it everything in its session's process group. So does the end of its
    /// ``timeout``, or of the time of whoever asks.
    /// - Throws: ``CommandError/cannotStart(command:reason:)``, or `CancellationError`.
    public func run() async throws -> CommandResult {
        let child = RunningChild()
        let bounded = bounded
        let result = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                // A thread of its own, which lives as long as the child: the parent-death signal that contains a
                // child is sent when the thread that started it ends, not the process (prctl(2)).
                Thread.detachNewThread {
                    continuation.resume(with: Result { try bounded.execute(child) })
                }
            }
        } onCancel: {
            child.kill()
        }
        try Task.checkCancellation()
        return result
    }

    /// When whoever asks something again and again gives up: no command that is run in between takes longer.
    @TaskLocal static var deadline: ContinuousClock.Instant?

    /// This command with no more time than whoever asks has.
    private var bounded: Command {
        guard let deadline = Self.deadline else { return self }
        var bounded = self
        let left = max(.zero, deadline - .now)
        bounded.timeout = timeout.map { min($0, left) } ?? left
        return bounded
    }

    private var effectiveArguments: [String] {
        // env(1) changes the directory: posix_spawn's own way of doing so is hidden by the Glibc module.
        let arguments = workingDirectory.map { ["env", "-C", $0] + self.arguments } ?? self.arguments
        guard isContained else { return arguments }
        return ["setpriv", "--pdeathsig", "KILL", "unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "--"]
            + arguments
    }

    private func execute(_ child: RunningChild) throws(CommandError) -> CommandResult {
        let process: SpawnedProcess
        do {
            process = try SpawnedProcess(
                arguments: effectiveArguments,
                environment: environment,
                input: input
            )
        } catch {
            throw .cannotStart(command: description, reason: error.description)
        }
        let identifier = process.identifier
        child.started(identifier)

        var output = LineCollector(onLine: onLine.map { onLine in { onLine(.output, $0) } })
        var error = LineCollector(onLine: onLine.map { onLine in { onLine(.error, $0) } })
        let timedOut = process.collect(into: &output, &error, timeout: timeout) { child.kill() }
        process.close()
        output.finish()
        error.finish()

        SpawnedProcess.awaitEnd(of: identifier)
        let status = child.ended { SpawnedProcess.reap(identifier) }
        return CommandResult(
            command: description,
            status: timedOut ? .timedOut(timeout ?? .zero) : status,
            output: output.text,
            error: error.text,
            isTruncated: output.isTruncated || error.isTruncated
        )
    }
}

/// What a command's thread and whoever cancels it share: which process there is to kill, if any.
final class RunningChild: Sendable {
    private enum State {
        case notStarted
        case running(pid_t)
        case cancelled
        case ended
    }

    private let state = Mutex(State.notStarted)

    func started(_ identifier: pid_t) {
        state.withLock {
            if case .cancelled = $0 { Glibc.kill(-identifier, SIGKILL) }
            $0 = .running(identifier)
        }
    }

    func kill() {
        state.withLock {
            switch $0 {
            case .notStarted: $0 = .cancelled
            case .running(let identifier): Glibc.kill(-identifier, SIGKILL)
            case .cancelled, .ended: break
            }
        }
    }

    /// Reaps the process, which has ended, and forgets its identifier: after that it may belong to another. Nobody kills
    /// it in between.
    func ended(_ reap: () -> CommandResult.Status) -> CommandResult.Status {
        state.withLock {
            $0 = .ended
            return reap()
        }
    }
}
