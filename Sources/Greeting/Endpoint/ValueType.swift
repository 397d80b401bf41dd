/// A type of parameter: what the schema says of it, and how a text becomes a value. Both come from the same bounds.
struct ValueType<Value: Sendable>: Sendable {
    let schema: JSON
    /// Reads decoded text.
    let read: @Sendable (String) throws(ValueProblem) -> Value
    /// Writes a value as the schema's `default`.
    let json: @Sendable (Value) -> JSON
}

extension ValueType where Value == String {
    /// A name that can stand in a path: no control characters (Unicode's category Cc), and neither `.` nor `..`, which
    /// clients take out of a path before they send it (RFC 3986 section 5.2.4). The length is in Unicode scalars, as JSON
    /// Schema counts.
    static func name(_ length: ClosedRange<Int>) -> Self {
        // Without a look ahead and without \u, which RE2 does not know.
        let other = #"\x00-\x1f\x7f-\x9f"#
        let pattern = #"^(?:\.{0,2}[^.\#(other)]|\.{3})[^\#(other)]*$"#
        return ValueType(
            schema: [
                "type": "string", "minLength": .integer(length.lowerBound), "maxLength": .integer(length.upperBound),
                "pattern": .string(pattern),
            ],
            read: { text throws(ValueProblem) in
                let scalars = text.unicodeScalars
                if scalars.count < length.lowerBound { throw .tooShort(length.lowerBound) }
                if scalars.count > length.upperBound { throw .tooLong(length.upperBound) }
                let isControl = { (scalar: Unicode.Scalar) in
                    scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
                }
                if text == "." || text == ".." || scalars.contains(where: isControl) { throw .pattern(pattern) }
                return text
            },
            json: { .string($0) }
        )
    }
}

extension ValueType where Value == Duration {
    /// A number of seconds, written as JSON writes numbers.
    static func seconds(_ bounds: ClosedRange<Duration>) -> Self {
        let (least, most) = (bounds.lowerBound.inSeconds, bounds.upperBound.inSeconds)
        return ValueType(
            schema: ["type": "number", "minimum": .number(least), "maximum": .number(most)],
            read: { text throws(ValueProblem) in
                let seconds = try Self.number(text)
                if seconds < least { throw .tooSmall(least) }
                if seconds > most { throw .tooLarge(most) }
                return .seconds(seconds)
            },
            json: { .number($0.inSeconds) }
        )
    }

    /// A number as JSON writes it (RFC 8259 section 6). `Double` reads more: `.5`, `00`, hexadecimal, and words.
    private static func number(_ text: String) throws(ValueProblem) -> Double {
        let word = text.lowercased().drop { $0 == "-" || $0 == "+" }
        if ["nan", "inf", "infinity"].contains(word) { throw .notFinite }
        let octets = Array(text.utf8)
        let isDigit = { (octet: UInt8) in (0x30...0x39).contains(octet) }
        // A JSON value that begins and ends so is a number, without white space around it.
        guard let first = octets.first, let last = octets.last, first == UInt8(ascii: "-") || isDigit(first),
            isDigit(last), JSONText.isValid(octets), let value = Double(text)
        else { throw .notANumber }
        // What is too large to be represented is infinite by now, and out of every bound.
        return value
    }
}

extension Duration {
    /// The duration as a number of seconds, for schemas and answers.
    var inSeconds: Double { self / .seconds(1) }
}
