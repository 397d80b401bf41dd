import Logging

extension LineFormat {
    /// Appends `{"time":…,"level":…,"logger":…,"message":…,"message_id":…,"file":…,"line":…,"function":…,"fields":{…}}`.
    /// The program's own fields have an object to themselves, so that none can pass for a fixed one.
    static func appendJSON(_ record: LogRecord, to output: inout [UInt8]) {
        output.append(contentsOf: "{\"time\":\"".utf8)
        record.time.append(to: &output)
        output.append(UInt8(ascii: "\""))
        appendMember("level", record.level.rawValue, to: &output)
        if !record.label.isEmpty { appendMember("logger", record.label, to: &output) }
        appendMember("message", record.message, to: &output)
        if let id = record.messageID { appendMember("message_id", id.description, to: &output) }
        appendMember("file", record.location.file, to: &output)
        output.append(contentsOf: ",\"line\":\(record.location.line)".utf8)
        appendMember("function", record.location.function, to: &output)
        if record.omittedFields > 0 { output.append(contentsOf: ",\"fields_omitted\":\(record.omittedFields)".utf8) }
        output.append(contentsOf: ",\"fields\":{".utf8)
        appendFields(record.fields, to: &output)
        output.append(contentsOf: "}}".utf8)
    }

    /// A name may stand in an object only once (RFC 8259 4), so one that has several values has an array.
    private static func appendFields(_ fields: [LogField], to output: inout [UInt8]) {
        var isFirst = true
        for (index, field) in fields.enumerated() where !fields[..<index].contains(where: { $0.name == field.name }) {
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            quote(&output) { Escaping.json.append(field.name, to: &$0) }
            output.append(UInt8(ascii: ":"))
            let others = fields[(index + 1)...].lazy.filter { $0.name == field.name }
            guard !others.isEmpty else {
                appendJSON(field.value, to: &output)
                continue
            }
            output.append(UInt8(ascii: "["))
            appendJSON(field.value, to: &output)
            for other in others {
                output.append(UInt8(ascii: ","))
                appendJSON(other.value, to: &output)
            }
            output.append(UInt8(ascii: "]"))
        }
    }

    private static func appendJSON(_ value: LogValue, to output: inout [UInt8]) {
        switch value {
        case .integer(let number): output.append(contentsOf: String(number).utf8)
        case .string(let text): quote(&output) { Escaping.json.append(text, to: &$0) }
        case .bytes(let bytes):
            quote(&output) { output in bytes.withUnsafeBufferPointer { Escaping.json.append($0, to: &output) } }
        }
    }

    private static func appendMember(_ name: StaticString, _ value: String, to output: inout [UInt8]) {
        output.append(contentsOf: ",\"".utf8)
        name.withUTF8Buffer { output.append(contentsOf: $0) }
        output.append(contentsOf: "\":".utf8)
        quote(&output) { Escaping.json.append(value, to: &$0) }
    }
}
