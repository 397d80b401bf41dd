/// What a daemon exits with when it cannot do what it was asked (sysexits.h; systemd.exec(5) knows the same numbers).
package enum ExitStatus: Int32, Sendable {
    /// `EX_USAGE`: the command line is wrong.
    case usage = 64
    /// `EX_OSERR`: the system refused something, such as a socket.
    case system = 71
    /// `EX_CONFIG`: the configuration file or the environment is wrong.
    case configuration = 78
}

/// One thing that is wrong with the configuration, where, and what to do about it.
package struct ConfigurationProblem: Sendable, Equatable {
    /// Where: `/etc/hello/hello.yaml:3`, `HELLO_GREETING_DELAY` or `--greeting-delay`.
    package var origin: String
    /// What is wrong.
    package var message: String
    /// What to do, or nil where the message says it.
    package var remedy: String?
    /// ``ExitStatus/usage`` for the command line, ``ExitStatus/configuration`` for the file and the environment.
    package var status = ExitStatus.configuration
}

extension ConfigurationProblem: CustomStringConvertible {
    /// One line: `origin: message (what to do)`.
    package var description: String { "\(origin): \(message)" + (remedy.map { " (\($0))" } ?? "") }
}

/// All that is wrong with the configuration: never empty, command line last.
package struct ConfigurationError: Error, Equatable {
    /// Every problem, so that an operator can mend all of them at once.
    package var problems: [ConfigurationProblem]

    /// What to exit with: ``ExitStatus/usage`` if the command line has any part in it, since no change of a file can
    /// mend that.
    package var exitStatus: ExitStatus {
        problems.contains { $0.status == .usage } ? .usage : .configuration
    }
}

extension ConfigurationError: CustomStringConvertible {
    /// One line a problem.
    package var description: String { problems.map(\.description).joined(separator: "\n") }
}
