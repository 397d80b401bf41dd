import ArgumentParser
import Glibc
import JournalLogging
import ServiceSettings

/// `reload PID`: asks a running daemon to reload, and waits until it has.
enum ReloadCommand {
    /// How long a reload may take.
    private static let patience = Duration.seconds(20)

    /// - Parameter program: What the daemon is called.
    static func perform(pid: Int32, of program: String) throws {
        if let other = ProcessName(of: pid)?.otherThan([program, ProcessName.own]) {
            // Of most programs it would be the end.
            throw failure("process \(pid) is no \(program), but \(quoted(other)): it is not signalled", .usage)
        }
        let outcome = ReloadOutcomeFile(environment: ProcessEnvironment.variables)
        let before = outcome?.read()?.begun ?? 0
        guard kill(pid, SIGHUP) == 0 else {
            throw failure("cannot signal process \(pid): \(String(cString: strerror(errno)))")
        }
        guard let outcome else {
            throw failure(
                "asked process \(pid) to reload, and cannot tell what came of it: there is no RUNTIME_DIRECTORY, which both "
                    + "need; its log says"
            )
        }
        let deadline = ContinuousClock.now + patience
        while ContinuousClock.now < deadline {
            if let result = outcome.read(), result.ended > before {
                if result.problems.isEmpty { return }
                // As ExecReload= its output goes where the daemon has told it all already.
                if LogFormat.auto.resolved() == .journal { throw ExitCode(ExitStatus.configuration.rawValue) }
                throw failure("reload failed, the old configuration stays:\n\(result.problems)", .configuration)
            }
            guard kill(pid, 0) == 0 else { throw failure("process \(pid) has ended") }
            usleep(5000)
        }
        throw failure("process \(pid) did not reload within \(patience.components.seconds) s")
    }

    private static func failure(_ message: String, _ status: ExitStatus = .system) -> ExitCode {
        StandardError.tell("\(message)")
        return ExitCode(status.rawValue)
    }
}
