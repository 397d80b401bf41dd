public import Foundation

/// A program to run, with everything it needs said beforehand and a bound on how long it may take.
///
/// Each command runs in a session of its own, so that ending it ends whatever it started as well.
public struct Command: Sendable {
    /// What the program reads on its standard input.
    public enum Input: Sendable {
        /// Nothing: `/dev/null`.
        case none
        /// These bytes.
        case data(Data)
        /// The content of a file of this machine.
        case file(String)
    }

    /// One of the program's two output streams.
    public enum Stream: Sendable {
        /// Standard output.
        case output
        /// Standard error.
        case error
    }

    /// The program and its arguments. A program without a slash is looked for in `PATH`.
    public var arguments: [String]
    /// The whole environment; `nil` passes on the caller's.
    public var environment: [String: String]?
    /// The directory the program starts in; `nil` is the caller's.
    public var workingDirectory: String?
    /// What it reads.
    public var input: Input
    /// How long it may take before it is killed; `nil` is for ever.
    public var timeout: Duration?
    /// Whether the program and all its descendants die when this process does, however that comes about.
    ///
    /// It is run in a PID namespace of its own for that, which needs root.
    public var isContained: Bool
    /// Called with each whole line as it arrives, on a thread of the command's own; with the pieces of one that is longer
    /// than a mebibyte.
    public var onLine: (@Sendable (Stream, String) -> Void)?

    /// Describes a program to run.
    public init(
        _ arguments: [String],
        environment: [String: String]? = nil,
        workingDirectory: String? = nil,
        input: Input = .none,
        timeout: Duration? = .seconds(30),
        isContained: Bool = false,
        onLine: (@Sendable (Stream, String) -> Void)? = nil
    ) {
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.input = input
        self.timeout = timeout
        self.isContained = isContained
        self.onLine = onLine
    }

    /// What messages call it instead of its arguments.
    var title: String?

    /// The command as one would type it, for messages; of a script no more than that it is one.
    public var description: String { title ?? Self.title(of: arguments) }

    static func title(of arguments: [String]) -> String {
        arguments.map { $0.contains("\n") ? "…" : $0 }.joined(separator: " ")
    }
}

/// How a command ended, and what it said.
public struct CommandResult: Sendable {
    /// How a command ended.
    public enum Status: Sendable, Equatable, CustomStringConvertible {
        /// By itself, with this exit status.
        case exited(Int32)
        /// By this signal.
        case signalled(Int32)
        /// It was killed because its time was up.
        case timedOut(Duration)

        /// What became of the command, to follow its name.
        public var description: String {
            switch self {
            case .exited(let status): "exited with status \(status)"
            case .signalled(let signal): "was killed by signal \(signal)"
            case .timedOut(let limit): "was killed after \(limit)"
            }
        }
    }

    /// The command as one would type it.
    public let command: String
    /// How it ended.
    public let status: Status
    /// Everything on standard output, unless ``isTruncated``.
    public let output: String
    /// Everything on standard error, unless ``isTruncated``.
    public let error: String
    /// Whether either stream said more than 64 MiB: of such a one only the end, of 32 MiB or more, is kept.
    public let isTruncated: Bool

    /// Whether it exited with status 0.
    public var isSuccess: Bool { status == .exited(0) }

    /// This result, with more to say of why it is what it is.
    func saying(_ what: String, _ text: String?) -> CommandResult {
        guard let text, !text.isEmpty else { return self }
        return CommandResult(
            command: command,
            status: status,
            output: output,
            error: "\(error)\n\(what)\n\(text)",
            isTruncated: isTruncated
        )
    }

    /// Standard output without white space at either end.
    public var trimmed: String { output.trimmingCharacters(in: .whitespacesAndNewlines) }

    /// This result, if the command exited with status 0.
    /// - Throws: ``CommandError/failed(_:)`` otherwise.
    @discardableResult
    public func successful() throws(CommandError) -> CommandResult {
        guard isSuccess else { throw .failed(self) }
        return self
    }
}

/// Why a command brought no result, or not the one that was needed.
public enum CommandError: Error, Sendable, CustomStringConvertible {
    /// It could not be started, with the reason.
    case cannotStart(command: String, reason: String)
    /// It ended other than with exit status 0.
    case failed(CommandResult)

    /// Whether it was killed because its time was up.
    var isTimeout: Bool {
        if case .failed(let result) = self, case .timedOut = result.status { true } else { false }
    }

    /// One line, and below it the end of what the command said.
    public var description: String {
        switch self {
        case .cannotStart(let command, let reason):
            return "cannot run '\(command)': \(reason)"
        case .failed(let result):
            let said = (result.error + result.output).split(separator: "\n").suffix(20).joined(separator: "\n  ")
            let truncated = result.isTruncated ? ", having said more than is kept" : ""
            return "'\(result.command)' \(result.status)\(truncated)" + (said.isEmpty ? "" : ":\n  \(said)")
        }
    }
}
