import JournalLogging
import Logging

/// The kinds of event that calls of upstreams bring into the journal, each with the `MESSAGE_ID` by which the message
/// catalogue knows it. An identifier never changes its meaning.
package enum UpstreamEvent: String, CaseIterable, Sendable {
    case callsLimited = "42fceab23cda4605b229b04208e3281e"
    case upstreamFailed = "f1e1cfd0ea16413cb9abb1da8d48bb95"
    case upstreamAnswered = "402efe0f60c84417a50a9a6b7a1f56ff"
}

extension LogPipeline {
    /// Logs one event. What others sent belongs in `fields`, never in `message`.
    func log(
        _ event: UpstreamEvent,
        _ level: Logger.Level,
        _ message: String,
        _ fields: [LogField] = [],
        file: String = #fileID,
        function: String = #function,
        line: UInt = #line
    ) {
        write(
            level: level,
            message: message,
            messageID: MessageID(event.rawValue),
            fields: fields,
            file: file,
            function: function,
            line: line
        )
    }
}
