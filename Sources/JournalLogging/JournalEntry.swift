import Glibc

/// A record in the journal's form: one `NAME=value` after the other in one buffer, which is used again for the next.
///
/// A value may hold any byte. libsystemd sends a value that has a newline with its length in front (Native Journal
/// Protocol), so no value can end early and begin another field.
struct JournalEntry: Sendable {
    private(set) var bytes: [UInt8] = []
    /// Where each field ends.
    private(set) var ends: [Int] = []
    /// The program's name in the journal.
    let identifier: String
    /// The journal's names for names that were met, since most entries have the same few.
    private var names: [String: [UInt8]] = [:]
    private static let namesKept = 256

    init(identifier: String) { self.identifier = identifier }

    /// Replaces the entry with `record`.
    /// - Parameter now: The time of writing. A record that had to wait for a second or more says when it was made,
    ///   because journald only knows when it was received.
    mutating func encode(_ record: LogRecord, now: LogTime) {
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        append("MESSAGE") { Escaping.line.append(record.message, to: &$0) }
        append("PRIORITY") { $0.append(UInt8(ascii: "0") + record.level.priority) }
        append("SYSLOG_IDENTIFIER") { [identifier] in $0.append(contentsOf: identifier.utf8) }
        if let id = record.messageID { append("MESSAGE_ID") { $0.append(contentsOf: id.description.utf8) } }
        append("CODE_FILE") { $0.append(contentsOf: record.location.file.utf8) }
        append("CODE_LINE") { $0.append(contentsOf: String(record.location.line).utf8) }
        append("CODE_FUNC") { $0.append(contentsOf: record.location.function.utf8) }
        if !record.label.isEmpty { append("LOGGER") { Escaping.line.append(record.label, to: &$0) } }
        if now.microseconds - record.time.microseconds >= 1_000_000 {
            append("LOG_REALTIME_USEC") { $0.append(contentsOf: String(record.time.microseconds).utf8) }
        }
        for field in record.fields {
            appendName(field.name)
            finish { output in
                switch field.value {
                case .string(let text): Escaping.block.append(text, to: &output)
                case .integer(let number): output.append(contentsOf: String(number).utf8)
                case .bytes(let value): output.append(contentsOf: value)
                }
            }
        }
        if record.omittedFields > 0 {
            append("LOG_FIELDS_OMITTED") { $0.append(contentsOf: String(record.omittedFields).utf8) }
        }
    }

    /// The fields one by one.
    var fields: [[UInt8]] {
        var start = 0
        return ends.map { end in
            defer { start = end }
            return Array(bytes[start..<end])
        }
    }

    /// Calls `body` with one vector for each field, for `sd_journal_sendv`.
    mutating func withVectors<Result>(_ body: ([iovec]) -> Result) -> Result {
        let ends = self.ends
        return bytes.withUnsafeMutableBytes { buffer in
            var start = 0
            let vectors = ends.map { end in
                defer { start = end }
                return iovec(iov_base: buffer.baseAddress.map { $0 + start }, iov_len: end - start)
            }
            return body(vectors)
        }
    }

    /// Gives back the memory that an unusually large entry took.
    mutating func trim() {
        if bytes.capacity > 1 << 20 { bytes = [] }
    }

    private mutating func appendName(_ name: String) {
        if let known = names[name] {
            bytes.append(contentsOf: known)
            return
        }
        let start = bytes.count
        FieldName.append(name, to: &bytes)
        if names.count < Self.namesKept { names[name] = Array(bytes[start...]) }
    }

    private mutating func append(_ name: StaticString, _ value: (inout [UInt8]) -> Void) {
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        finish(value)
    }

    private mutating func finish(_ value: (inout [UInt8]) -> Void) {
        bytes.append(UInt8(ascii: "="))
        value(&bytes)
        ends.append(bytes.count)
    }
}
