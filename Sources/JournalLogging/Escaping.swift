/// Makes text safe to print: what could move a cursor, colour a screen, break a line, reorder or hide text is written
/// as an escape sequence instead.
///
/// That is every control character (C0, DEL and C1), line and paragraph separators, and all of Unicode's format
/// characters (category Cf: bidirectional controls, zero-width characters, tags), and bytes that are no UTF-8.
enum Escaping {
    /// A single line, as it is: a message.
    case line
    /// A single line, but newlines and tabs stay: a value in the journal, which knows where it ends.
    case block
    /// Inside double quotes on a text line.
    case quoted
    /// Inside a JSON string (RFC 8259).
    case json

    /// Appends text that is UTF-8 by type.
    func append(_ text: String, to output: inout [UInt8]) {
        var text = text
        text.withUTF8 { append($0, to: &output) }
    }

    /// Appends bytes that may be anything.
    func append(_ bytes: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
        var index = 0
        while index < bytes.count {
            // Plain ASCII is nearly everything, and is copied in runs.
            let start = index
            while index < bytes.count, isPlain(bytes[index]) { index += 1 }
            if index > start { output.append(contentsOf: bytes[start..<index]) }
            guard index < bytes.count else { break }
            index += appendSpecial(bytes[index...], to: &output)
        }
    }

    /// Whether `text` would be changed.
    func changes(_ text: String) -> Bool {
        guard !text.utf8.allSatisfy(isPlain) else { return false }
        var output: [UInt8] = []
        append(text, to: &output)
        return !output.elementsEqual(text.utf8)
    }

    private func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): self == .line || self == .block
        case UInt8(ascii: "\n"), UInt8(ascii: "\t"): self == .block
        case 0x20..<0x7f: true
        default: false
        }
    }

    /// Appends the first character of `bytes`, which is not plain, and returns how many bytes it had.
    private func appendSpecial(_ bytes: Slice<UnsafeBufferPointer<UInt8>>, to output: inout [UInt8]) -> Int {
        var iterator = bytes.makeIterator()
        var parser = Unicode.UTF8.ForwardParser()
        switch parser.parseScalar(from: &iterator) {
        case .valid(let encoded):
            let scalar = Unicode.UTF8.decode(encoded)
            if scalar.value >= 0x80, !scalar.isUnprintable {
                output.append(contentsOf: encoded)
            } else {
                appendEscape(scalar, to: &output)
            }
            return encoded.count
        case .error(let length):
            let length = max(1, length)
            if self == .json {
                output.append(contentsOf: "\u{fffd}".utf8)
            } else {
                for byte in bytes.prefix(length) { output.append(escape: byte) }
            }
            return length
        case .emptyInput: return 1  // Unreachable: the caller never passes nothing.
        }
    }

    private func appendEscape(_ scalar: Unicode.Scalar, to output: inout [UInt8]) {
        switch scalar {
        case "\n": output.append(contentsOf: "\\n".utf8)
        case "\r": output.append(contentsOf: "\\r".utf8)
        case "\t": output.append(contentsOf: "\\t".utf8)
        case "\"": output.append(contentsOf: "\\\"".utf8)
        case "\\": output.append(contentsOf: "\\\\".utf8)
        case _ where self == .json: for unit in UTF16.encode(scalar) ?? .init() { output.append(escape: unit) }
        case _ where scalar.isASCII: output.append(escape: UInt8(truncatingIfNeeded: scalar.value))
        default: output.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".utf8)
        }
    }
}

extension Unicode.Scalar {
    fileprivate var isUnprintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}

extension [UInt8] {
    /// Appends `\xNN`.
    fileprivate mutating func append(escape byte: UInt8) {
        append(contentsOf: "\\x".utf8)
        append(hexadecimal: UInt16(byte), digits: 2)
    }

    /// Appends `\uNNNN`, a JSON escape.
    fileprivate mutating func append(escape unit: UInt16) {
        append(contentsOf: "\\u".utf8)
        append(hexadecimal: unit, digits: 4)
    }

    private mutating func append(hexadecimal value: UInt16, digits: Int) {
        for shift in stride(from: (digits - 1) * 4, through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: (value >> UInt16(shift)) & 0xf)
            append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }
}
