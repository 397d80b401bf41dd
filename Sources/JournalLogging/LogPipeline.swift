internal import Glibc
public import Logging
internal import Synchronization

/// The way from a `Logger` to the log: field limits, a bounded queue, and one thread that writes.
///
/// No call here waits for the output, except ``flush(within:)``. A process needs one, made before its first `Logger`.
public final class LogPipeline: Sendable {
    /// Where the log goes: `journal`, `text` or `json`; never `auto`.
    public let format: LogFormat
    private let limits: LogLimits
    private let sharedLevel: Atomic<UInt8>
    private let writer: LogWriter

    /// The identifier of the entry that says how many records are missing.
    public static let droppedMessageID = MessageID(0xd3f0_d9ee_1835_4309, 0x89c6_4a06_7bd0_d16a)

    /// Starts a pipeline and its thread.
    /// - Parameters:
    ///   - format: The form of the log.
    ///   - identifier: `SYSLOG_IDENTIFIER=` of every journal entry: the program's name.
    ///   - level: The least important level that is logged.
    ///   - capacity: How much may wait for a slow output.
    ///   - limits: How large a record may be.
    ///   - droppedMessageID: `MESSAGE_ID=` of the entry that says how many records are missing.
    ///   - descriptor: Where text and JSON go, and what `auto` looks at. It must stay open.
    /// - Throws: if no thread could be started.
    public convenience init(
        format: LogFormat = .auto,
        identifier: String,
        level: Logger.Level = .info,
        capacity: LogCapacity = LogCapacity(),
        limits: LogLimits = LogLimits(),
        droppedMessageID: MessageID = LogPipeline.droppedMessageID,
        descriptor: Int32 = 2
    ) throws(LogPipelineError) {
        let format = format.resolved(descriptor: descriptor)
        let output: any LogOutput =
            switch format {
            case .journal: JournalOutput(identifier: identifier)
            case .json: StreamOutput(descriptor: descriptor, format: .json)
            case .text, .auto: StreamOutput(descriptor: descriptor, format: .text)
            }
        try self.init(
            format: format,
            output: output,
            level: level,
            capacity: capacity,
            limits: limits,
            droppedMessageID: droppedMessageID
        )
    }

    init(
        format: LogFormat = .text,
        output: some LogOutput,
        level: Logger.Level = .info,
        capacity: LogCapacity = LogCapacity(),
        limits: LogLimits = LogLimits(),
        droppedMessageID: MessageID = LogPipeline.droppedMessageID
    ) throws(LogPipelineError) {
        self.format = format
        self.limits = limits
        self.sharedLevel = Atomic(level.ordinal)
        self.writer = try LogWriter(output: output, capacity: capacity) {
            .report(dropped: $0, messageID: droppedMessageID)
        }
    }

    /// The least important level that is logged, for every handler that was given none of its own.
    public var level: Logger.Level { Logger.Level(ordinal: sharedLevel.load(ordering: .relaxed)) }

    /// Changes ``level``, at once and for handlers that exist already: what a reload needs.
    public func setLevel(_ level: Logger.Level) { sharedLevel.store(level.ordinal, ordering: .relaxed) }

    /// How many records were dropped since the start, because the queue was full or the output failed.
    public var droppedCount: UInt64 { writer.droppedCount }

    /// Waits until all that was logged before is written or lost: the last thing before an exit. It blocks the thread,
    /// so it has no place on an event loop.
    /// - Parameter bound: How long to wait at most.
    /// - Returns: whether it was done in time.
    @discardableResult
    public func flush(within bound: Duration) -> Bool { writer.flush(within: bound) }

    /// Logs one entry without a `Logger`: the cheap way for an entry that is written for every request.
    ///
    /// It makes no dictionary and formats nothing; the calling thread takes a time stamp and a short lock. An entry
    /// below ``level`` is not written.
    /// - Parameters:
    ///   - level: How important it is.
    ///   - message: The message.
    ///   - messageID: The kind of event.
    ///   - fields: Its values, in order.
    ///   - file: The source file that it comes from.
    ///   - function: The function that it comes from.
    ///   - line: The line that it comes from.
    public func write(
        level: Logger.Level,
        message: String,
        messageID: MessageID? = nil,
        fields: [LogField],
        file: String = #fileID,
        function: String = #function,
        line: UInt = #line
    ) {
        guard level.ordinal >= sharedLevel.load(ordering: .relaxed) else { return }
        submit(
            LogRecord(
                level: level,
                message: message,
                messageID: messageID,
                fields: fields,
                label: "",
                location: SourceLocation(file: file, function: function, line: line),
                time: .now()
            )
        )
    }

    /// Sends a record on its way, within the limits.
    func submit(_ record: consuming LogRecord) {
        limits.apply(to: &record)
        writer.offer(record)
    }
}

/// The log could not be set up.
public struct LogPipelineError: Error, Equatable, CustomStringConvertible {
    /// The `errno` value of pthread_create(3).
    public let code: Int32

    /// What happened, in words.
    public var description: String { "cannot start the log writer's thread: \(String(cString: strerror(code)))" }
}

extension LogRecord {
    /// The record that stands for those that are missing.
    static func report(dropped count: UInt64, messageID: MessageID) -> LogRecord {
        let subject = count == 1 ? "1 log record is" : "\(count) log records are"
        return LogRecord(
            level: .warning,
            message: "\(subject) missing here: the log could not be written in time",
            messageID: messageID,
            fields: [LogField("dropped.records", .integer(clamping: count))],
            label: "",
            location: SourceLocation(file: #fileID, function: #function, line: #line),
            time: .now()
        )
    }
}
