/// How large one record may become. Both bounds hold on every output.
public struct LogLimits: Sendable, Equatable {
    /// The most bytes of a message or of one field value; the rest is cut off, at a whole character, and `…` marks
    /// the cut.
    public var valueBytes: Int
    /// The most bytes of one field, as `NAME=value`, cut in the same way: `journalctl -o json` shows `null` for a field of
    /// 4,096 and more, unless it is given `--all`. A message keeps its own bound, since it is made by the program.
    public var fieldBytes: Int
    /// The most fields of a record besides the fixed ones. `log.fields.omitted` counts those left out.
    public var fields: Int

    /// Limits: 64 KiB a value, 4,095 bytes a field and 64 fields, unless told otherwise. `valueBytes` is at least 64,
    /// `fieldBytes` at least 128; `fields` is at most 128, because one `sendmsg(2)` takes 1,024 vectors and libsystemd
    /// needs up to five for each field.
    public init(valueBytes: Int = 64 << 10, fieldBytes: Int = 4095, fields: Int = 64) {
        self.valueBytes = max(64, valueBytes)
        self.fieldBytes = max(128, fieldBytes)
        self.fields = min(max(0, fields), 128)
    }
}

/// How much may wait for the output. A record past either bound is dropped and counted.
public struct LogCapacity: Sendable, Equatable {
    /// The most records, those being written included.
    public var records: Int
    /// The most bytes of their text, with an allowance for each record's and field's own memory.
    public var bytes: Int

    /// A capacity: 16,384 records and 16 MiB, unless told otherwise. Nothing is allocated before it is needed.
    public init(records: Int = 16_384, bytes: Int = 16 << 20) {
        self.records = max(1, records)
        self.bytes = max(1 << 10, bytes)
    }
}

extension LogLimits {
    /// Cuts what is too large. It runs on the calling thread, so that a huge value is not kept waiting in memory;
    /// for ordinary records it is one comparison a field.
    func apply(to record: inout LogRecord) {
        if record.message.utf8.count > valueBytes { record.message = cut(record.message, to: valueBytes) }
        if record.fields.count > fields {
            let omitted = record.fields.count - fields
            record.fields.removeLast(omitted)
            record.omittedFields += omitted
        }
        for index in record.fields.indices {
            let most = min(valueBytes, max(64, fieldBytes - record.fields[index].name.utf8.count - 1))
            guard record.fields[index].value.size > most else { continue }
            switch record.fields[index].value {
            case .string(let text): record.fields[index].value = .string(cut(text, to: most))
            case .bytes(let bytes): record.fields[index].value = .bytes(Array(bytes.prefix(most)))
            case .integer: break
            }
        }
    }

    /// As much of `text` as leaves room for the mark, without splitting a character's bytes.
    private func cut(_ text: String, to most: Int) -> String {
        let mark = "…"
        let utf8 = text.utf8
        var end = utf8.index(utf8.startIndex, offsetBy: most - mark.utf8.count)
        while end > utf8.startIndex, utf8[end] & 0b1100_0000 == 0b1000_0000 { end = utf8.index(before: end) }
        return String(text[..<end]) + mark
    }
}
