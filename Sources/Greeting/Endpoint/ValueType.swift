/// A type of parameter: what the schema says of it, and how a text becomes a value. Both come from the same bounds.
struct ValueType<Value: Sendable>: Sendable {
    let schema: JSON
    /// Reads decoded text.
    let read: @Sendable (String) throws(ValueProblem) -> Value
    /// Writes a value as the schema's `default`.
    let json: @Sendable (Value) -> JSON
}

extension ValueType where Value == String {
    /// Text without control characters (Unicode's category Cc), its length in Unicode scalars as JSON Schema counts.
    static func text(_ length: ClosedRange<Int>) -> Self {
        let pattern = #"^[^\u0000-\u001f\u007f-\u009f]+$"#
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
                if scalars.contains(where: isControl) { throw .pattern(pattern) }
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

    /// Digits, perhaps a sign, a fraction and an exponent. `Double` reads more: hexadecimal, and words.
    private static func number(_ text: String) throws(ValueProblem) -> Double {
        let word = text.lowercased().drop { $0 == "-" || $0 == "+" }
        if ["nan", "inf", "infinity"].contains(word) { throw .notFinite }
        let isPlain = text.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) }
        guard isPlain, text.utf8.first.map({ !"eE".utf8.contains($0) }) == true, let value = Double(text) else {
            throw .notANumber
        }
        // What is too large to be represented is infinite by now, and out of every bound.
        return value
    }
}

extension Duration {
    /// The duration as a number of seconds, for schemas and answers.
    var inSeconds: Double { self / .seconds(1) }
}
