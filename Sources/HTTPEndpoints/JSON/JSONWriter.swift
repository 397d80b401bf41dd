/// Writes JSON text (RFC 8259) without white space.
package struct JSONWriter {
    /// What was written.
    package private(set) var bytes: [UInt8] = []

    package init() {}

    /// Makes room for so many octets.
    package mutating func reserveCapacity(_ octets: Int) { bytes.reserveCapacity(octets) }

    /// Writes a value.
    package mutating func write(_ value: JSON) {
        switch value {
        case .null: append("null")
        case .bool(let value): append(value ? "true" : "false")
        case .integer(let value): append(String(value))
        case .number(let value): append(value.jsonText)
        case .string(let value): write(value)
        case .array(let values):
            writeList("[", values, "]") { $0.write($1) }
        case .object(let members):
            writeList("{", members, "}") { writer, member in
                writer.write(member.name)
                writer.append(":")
                writer.write(member.value)
            }
        }
    }

    /// Writes a string in quotes. All that is not ASCII stays as it is: JSON is UTF-8 (RFC 8259 section 8.1).
    package mutating func write(_ text: some StringProtocol) {
        bytes.append(UInt8(ascii: "\""))
        for octet in text.utf8 {
            switch octet {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(octet)
            case 0x0a: append("\\n")
            case 0x0d: append("\\r")
            case 0x09: append("\\t")
            case 0x00..<0x20, 0x7f:
                append("\\u00")
                append(String(octet >> 4, radix: 16))
                append(String(octet & 0xf, radix: 16))
            default: bytes.append(octet)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes what is JSON text already.
    package mutating func append(_ text: some StringProtocol) { bytes.append(contentsOf: text.utf8) }

    /// Writes what is JSON text already.
    package mutating func append(_ text: some Sequence<UInt8>) { bytes.append(contentsOf: text) }

    private mutating func writeList<Element>(
        _ opening: String,
        _ elements: [Element],
        _ closing: String,
        _ write: (inout JSONWriter, Element) -> Void
    ) {
        append(opening)
        for (index, element) in elements.enumerated() {
            if index > 0 { append(",") }
            write(&self, element)
        }
        append(closing)
    }
}

extension Double {
    /// The number as JSON and people write it: `10`, not `10.0`. Not for numbers that are not finite.
    package var jsonText: String {
        self == rounded() && magnitude < 1e15 ? String(Int(self)) : String(describing: self)
    }
}
