/// One named value of a log record.
public struct LogField: Sendable, Equatable {
    /// The name as the program writes it, for instance `http.request.id`; text and JSON lines show it so, and the
    /// journal shows it as `HTTP_REQUEST_ID` (see ``FieldName``). Give a literal on a path that counts: a literal
    /// is never reference counted.
    public var name: String
    /// The value.
    public var value: LogValue

    /// A field. A name that occurs more than once in a record is a field with several values.
    public init(_ name: String, _ value: LogValue) {
        self.name = name
        self.value = value
    }
}

/// The value of a field, unformatted: formatting is the writer thread's work.
public enum LogValue: Sendable, Equatable {
    /// Text. Control and invisible characters are escaped on every output, so it cannot drive a terminal.
    case string(String)
    /// A number, written in decimal.
    case integer(Int64)
    /// Bytes of any kind. The journal stores them exactly; a text line escapes what is not plain UTF-8.
    case bytes([UInt8])

    /// A number of any integer type; what does not fit is clamped.
    public static func integer(clamping value: some BinaryInteger) -> LogValue { .integer(Int64(clamping: value)) }
}

extension LogValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    /// Text from a literal.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A number from a literal.
    public init(integerLiteral value: Int64) { self = .integer(value) }
}

extension LogValue {
    /// The size in bytes for accounting, not the formatted length.
    var size: Int {
        switch self {
        case .string(let text): text.utf8.count
        case .integer: 8
        case .bytes(let bytes): bytes.count
        }
    }
}
