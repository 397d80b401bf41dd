import JournalLogging
import Logging

/// The daemon's own log: every entry is an ``Event``.
struct Journal: Sendable {
    let pipeline: LogPipeline

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
