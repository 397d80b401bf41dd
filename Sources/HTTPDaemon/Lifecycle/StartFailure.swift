import ArgumentParser
import Glibc
import JournalLogging
import Logging
import ServiceSettings
import Systemd

/// A start that failed, told to everyone who asks: one clear line each on stderr or in the journal, `ERRNO=` and
/// `STATUS=` to the manager, and an exit status.
struct StartFailure {
    private let entries: [(event: Event, line: String)]
    private let code: CInt
    private let status: ExitStatus
    /// Connections that an earlier process left in the store, and that stay there.
    private let waiting: Int

    init(_ error: any Error, _ stored: StoredConnections = StoredConnections()) {
        waiting = stored.waiting()
        switch error {
        case let error as UsageError:
            (status, code) = (.usage, EINVAL)
            entries = [(.usageError, error.line)]
        case let error as ConfigurationError:
            (status, code) = (error.exitStatus, EINVAL)
            entries = error.problems.map {
                ($0.status == .usage ? .usageError : .configurationInvalid, $0.description)
            }
        case let error as ActivationError:
            (status, code) = (.system, error.errorNumber)
            entries = [(.socketUnusable, "\(error)")]
        case let error as WatchdogError:
            (status, code) = (.system, error.errorNumber)
            entries = [(.startFailed, "\(error)")]
        case let error as ListenError:
            (status, code) = (.system, error.code)
            entries = [(.socketUnusable, "\(error)")]
        case let error as SystemError:
            (status, code) = (.system, error.code)
            entries = [(.startFailed, "\(error)")]
        default:
            (status, code) = (.system, EIO)
            entries = [(.serverFailed, "cannot serve: \(error)")]
        }
    }

    /// What is said of those connections.
    private var waits: String? {
        waiting == 0
            ? nil : "\(waiting.counted("open connection")) of an earlier process wait for a start that succeeds"
    }

    /// Tells it, and returns what to exit with.
    func report(pipeline: LogPipeline?) -> ExitCode {
        // Behind what was logged before it.
        pipeline?.flush(within: .seconds(1))
        // Whatever the format: a journal that cannot be reached keeps nothing from whoever looks at stderr.
        if !reachedJournal(pipeline) {
            for line in entries.map(\.line) + [waits].compactMap(\.self) { StandardError.tell("\(line)") }
        }
        // Nothing is left to do where the manager does not hear it.
        let manager = ServiceManager()
        _ = try? manager.notify(.status("Failed: \(entries.first?.line ?? "")"), .errno(code))
        _ = try? manager.barrier(timeout: .seconds(1))
        return ExitCode(status.rawValue)
    }

    /// Writes the entries to the journal, if that is where the log goes. Returns whether it has them all.
    private func reachedJournal(_ pipeline: LogPipeline?) -> Bool {
        guard let pipeline, pipeline.format == .journal else { return false }
        let journal = Journal(pipeline: pipeline)
        let lost = pipeline.droppedCount
        for (event, line) in entries {
            journal.log(event, .critical, line, [LogField("errno", .integer(Int64(code)))])
        }
        if let waits {
            journal.log(.connectionsWait, .warning, waits, [LogField("connections", .integer(Int64(waiting)))])
        }
        return pipeline.flush(within: .seconds(1)) && pipeline.droppedCount == lost
    }
}
