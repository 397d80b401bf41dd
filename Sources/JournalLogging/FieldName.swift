/// How a name in the program becomes the name of a journal field.
///
/// journald takes upper-case ASCII letters, digits and underscores, at most 64 of them, not beginning with a digit,
/// and silently drops any other field; names that begin with an underscore are its own, trusted ones
/// (systemd.journal-fields(7), `journal_field_valid` in systemd). So `http.request.id` becomes `HTTP_REQUEST_ID`:
///
/// - letters are made upper case, and any other character becomes one underscore;
/// - leading underscores are removed: nothing can look like a trusted field;
/// - what would then be empty, begin with a digit, or have a name that this library, journald or systemd gives a
///   meaning to (``isReserved(_:)``), gets `META_` in front: `message` becomes `META_MESSAGE`;
/// - it is cut after 64 characters.
///
/// Two names that become the same one are two values of one field, in the order of the record; the journal keeps both.
public enum FieldName {
    /// The longest name that journald takes.
    public static let maximumLength = 64

    /// The journal's name for a name in the program.
    public static func journalName(for name: String) -> String {
        var bytes: [UInt8] = []
        append(name, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the journal's name for a name in the program.
    static func append(_ name: String, to output: inout [UInt8]) {
        let start = output.count
        for byte in name.utf8 where byte & 0b1100_0000 != 0b1000_0000 {  // one for a character, not one for a byte
            guard output.count - start < maximumLength else { break }
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): output.append(byte)
            case UInt8(ascii: "a")...UInt8(ascii: "z"): output.append(byte - 32)
            case UInt8(ascii: "0")...UInt8(ascii: "9") where output.count > start: output.append(byte)
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                output.append(contentsOf: prefix)
                output.append(byte)
            default: if output.count > start { output.append(UInt8(ascii: "_")) }
            }
        }
        if output.count == start || isReserved(output[start...]) {
            output.insert(contentsOf: prefix, at: start)
            if output.count - start > maximumLength { output.removeLast(output.count - start - maximumLength) }
        }
    }

    /// Whether a journal name has a meaning of its own, and so cannot be given by metadata.
    ///
    /// `ERRNO` and `DOCUMENTATION` are not reserved: they describe the entry and are the program's to set.
    public static func isReserved(_ journalName: String) -> Bool { isReserved(Array(journalName.utf8)[...]) }

    private static func isReserved(_ name: ArraySlice<UInt8>) -> Bool {
        reservedPrefixes.contains { name.starts(with: $0) } || reservedNames.contains { name.elementsEqual($0) }
    }

    private static let prefix = Array("META_".utf8)
    private static let reservedPrefixes = ["SYSLOG_", "CODE_", "OBJECT_", "COREDUMP_"].map { Array($0.utf8) }
    private static let reservedNames = [
        "MESSAGE", "MESSAGE_ID", "PRIORITY", "LOGGER", "LOG_REALTIME_USEC", "LOG_FIELDS_OMITTED", "TID", "UNIT",
        "USER_UNIT", "INVOCATION_ID", "USER_INVOCATION_ID", "COREDUMP",
    ].map { Array($0.utf8) }
}
