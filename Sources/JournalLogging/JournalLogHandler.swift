public import Logging

/// The handler that a ``LogPipeline`` gives each `Logger`. It turns an event into a record and hands it over.
public struct JournalLogHandler: LogHandler {
    private let label: String
    private let pipeline: LogPipeline
    private var ownLevel: Logger.Level?

    /// What every event of this logger carries.
    public var metadata: Logger.Metadata = [:]
    /// What an event carries from its context, such as task-local values.
    public var metadataProvider: Logger.MetadataProvider?

    /// A handler for the logger `label`, which becomes the field `LOGGER`.
    public init(label: String, pipeline: LogPipeline, metadataProvider: Logger.MetadataProvider? = nil) {
        self.label = label
        self.pipeline = pipeline
        self.metadataProvider = metadataProvider
    }

    /// The pipeline's level, which may change at any time, until the logger is given one of its own.
    public var logLevel: Logger.Level {
        get { ownLevel ?? pipeline.level }
        set { ownLevel = newValue }
    }

    /// One of the values that every event of this logger carries.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Logs an event. The event's own metadata wins over the provider's, and that over the logger's, as in swift-log's
    /// own handlers; an error becomes `error.message` and `error.type`.
    public func log(event: LogEvent) {
        let flat = FlatMetadata(allMetadata(of: event))
        pipeline.submit(
            LogRecord(
                level: event.level,
                message: event.message.description,
                messageID: flat.messageID,
                fields: flat.fields,
                label: label,
                location: SourceLocation(file: event.file, function: event.function, line: event.line),
                time: .now()
            )
        )
    }

    private func allMetadata(of event: LogEvent) -> Logger.Metadata {
        var all = metadata
        if let provided = metadataProvider?.get(), !provided.isEmpty { all.merge(provided) { $1 } }
        if let own = event.metadata, !own.isEmpty { all.merge(own) { $1 } }
        if let error = event.error {
            all["error.message"] = "\(error)"
            all["error.type"] = "\(String(reflecting: type(of: error)))"
        }
        return all
    }
}

extension LogPipeline {
    /// The handler for a logger. For `LoggingSystem.bootstrap`:
    ///
    /// ```swift
    /// let pipeline = try LogPipeline(identifier: "hellod")
    /// LoggingSystem.bootstrap { label in pipeline.makeHandler(label: label) }
    /// ```
    public func makeHandler(label: String, metadataProvider: Logger.MetadataProvider? = nil) -> JournalLogHandler {
        JournalLogHandler(label: label, pipeline: self, metadataProvider: metadataProvider)
    }
}
