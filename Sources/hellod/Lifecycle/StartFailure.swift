import ArgumentParser
import Glibc
import JournalLogging
import Logging
import Systemd

/// A start that failed, told to everyone who asks: one clear line each on stderr or in the journal, `ERRNO=` and
/// `STATUS=` to the manager, and an exit status.
struct StartFailure {
    private let event: Event
    private let lines: [String]
    private let code: CInt
    private let status: ExitStatus
    /// Connections that an earlier process left in the store, and that stay there.
    private let waiting: Int

    init(_ error: any Error, _ stored: StoredConnections = StoredConnections()) {
        waiting = stored.waiting()
        switch error {
        case let error as UsageError:
            (event, status, code) = (.usageError, .usage, EINVAL)
            lines = [error.line]
        case let error as ConfigurationError:
            (event, status, code) = (.configurationInvalid, error.exitStatus, EINVAL)
            lines = error.problems.map(\.description)
        case let error as ActivationError:
            (event, status, code) = (.socketUnusable, .system, error.errorNumber)
            lines = ["\(error)"]
        case let error as WatchdogError:
            (event, status, code) = (.serverFailed, .system, error.errorNumber)
            lines = ["\(error)"]
        case let error as ListenError:
            (event, status, code) = (.socketUnusable, .system, error.code)
            lines = ["\(error)"]
        case let error as SystemError:
            (event, status, code) = (.serverFailed, .system, error.code)
            lines = ["cannot serve: \(error)"]
        default:
            (event, status, code) = (.serverFailed, .system, EIO)
            lines = ["cannot serve: \(error)"]
        }
    }

    /// What is said of those connections.
    private var waits: String? {
        waiting == 0
            ? nil : "\(waiting.counted("open connection")) of an earlier process wait for a start that succeeds"
    }

    /// Tells it, and returns what to exit with.
    func report(pipeline: LogPipeline?) -> ExitCode {
        if let pipeline, pipeline.format == .journal {
            let journal = Journal(pipeline: pipeline)
            for line in lines { journal.log(event, .critical, line, [LogField("errno", .integer(Int64(code)))]) }
            if let waits {
                journal.log(.connectionsWait, .warning, waits, [LogField("connections", .integer(Int64(waiting)))])
            }
            pipeline.flush(within: .seconds(1))
        } else {
            for line in lines { StandardError.write("hellod: \(line)") }
            if let waits { StandardError.write("hellod: \(waits)") }
        }
        // Nothing is left to do where the manager does not hear it.
        let manager = ServiceManager()
        _ = try? manager.notify(.status("Failed: \(lines.first ?? "")"), .errno(code))
        _ = try? manager.barrier(timeout: .seconds(1))
        return ExitCode(status.rawValue)
    }
}
