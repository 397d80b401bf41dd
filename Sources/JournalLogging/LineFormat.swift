import Logging

/// How a record becomes one line of text. A record is always exactly one line, whatever its values hold.
enum LineFormat: Sendable {
    /// `2026-01-31T12:00:00.000000Z info web: message name=value other="a value"`
    case text
    /// One JSON object.
    case json

    /// Appends the record, and a newline.
    func append(_ record: LogRecord, to output: inout [UInt8]) {
        switch self {
        case .text: Self.appendText(record, to: &output)
        case .json: Self.appendJSON(record, to: &output)
        }
        output.append(UInt8(ascii: "\n"))
    }

    private static func appendText(_ record: LogRecord, to output: inout [UInt8]) {
        record.time.append(to: &output)
        output.append(UInt8(ascii: " "))
        output.append(contentsOf: record.level.rawValue.utf8)
        if !record.label.isEmpty {
            output.append(UInt8(ascii: " "))
            Escaping.line.append(record.label, to: &output)
        }
        output.append(contentsOf: ": ".utf8)
        Escaping.line.append(record.message, to: &output)
        for field in record.fields {
            output.append(UInt8(ascii: " "))
            appendKey(field.name, to: &output)
            output.append(UInt8(ascii: "="))
            appendText(field.value, to: &output)
        }
        if record.omittedFields > 0 { output.append(contentsOf: " log.fields.omitted=\(record.omittedFields)".utf8) }
    }

    /// A name that could be taken for something else (a space, a `=`) is quoted like a value.
    private static func appendKey(_ name: String, to output: inout [UInt8]) { appendText(.string(name), to: &output) }

    private static func appendText(_ value: LogValue, to output: inout [UInt8]) {
        switch value {
        case .integer(let number): output.append(contentsOf: String(number).utf8)
        case .string(let text) where isBare(text): output.append(contentsOf: text.utf8)
        case .string(let text): quote(&output) { Escaping.quoted.append(text, to: &$0) }
        case .bytes(let bytes):
            quote(&output) { output in bytes.withUnsafeBufferPointer { Escaping.quoted.append($0, to: &output) } }
        }
    }

    /// Whether a value can stand without quotes.
    private static func isBare(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                (0x21..<0x7f).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "=")
                    && $0 != UInt8(ascii: "\\")
            }
    }

    static func quote(_ output: inout [UInt8], _ body: (inout [UInt8]) -> Void) {
        output.append(UInt8(ascii: "\""))
        body(&output)
        output.append(UInt8(ascii: "\""))
    }
}
