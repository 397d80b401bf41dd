import Glibc
import JournalLogging
import Logging

/// The daemon's own log: every entry is an ``Event``.
struct Journal: Sendable {
    let pipeline: LogPipeline

    /// Tells whoever looks at standard error that the log goes to a journal that is not there.
    func tellIfUnreachable() {
        guard pipeline.format == .journal, access("/run/systemd/journal/socket", F_OK) != 0 else { return }
        StandardError.tell("warning: there is no journal to log to; --log-format text or json logs here")
    }

    /// Logs one event. What a client sent belongs in `fields`, never in `message`.
    func log(
        _ event: Event,
        _ level: Logger.Level,
        _ message: String,
        _ fields: [LogField] = [],
        file: String = #fileID,
        function: String = #function,
        line: UInt = #line
    ) {
        pipeline.write(
            level: level,
            message: message,
            messageID: event.messageID,
            fields: fields,
            file: file,
            function: function,
            line: line
        )
    }
}
