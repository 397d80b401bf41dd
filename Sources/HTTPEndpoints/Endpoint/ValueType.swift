/// A type of parameter: what the schema says of it, and how a text or a member of a body becomes a value. All come from the
/// same bounds.
public struct ValueType<Value: Sendable>: Sendable {
    let schema: JSON
    /// Reads decoded text.
    let read: @Sendable (String) throws(ValueProblem) -> Value
    /// Reads a member of a JSON body.
    let readJSON: @Sendable (JSON) throws(ValueProblem) -> Value
    /// Writes a value as the schema's `default`.
    let json: @Sendable (Value) -> JSON

    /// The schema of one that may be left out.
    func schema(default value: Value) -> JSON { schema.merging(["default": json(value)]) }
}

extension ValueType where Value == String {
    /// A name that can stand in a path: no control characters (Unicode's category Cc), and neither `.` nor `..`, which
    /// clients take out of a path before they send it (RFC 3986 section 5.2.4). The length is in Unicode scalars, as JSON
    /// Schema counts.
    public static func name(_ length: ClosedRange<Int>) -> Self {
        // Without a look ahead and without \u, which RE2 does not know.
        let other = #"\x00-\x1f\x7f-\x9f"#
        let pattern = #"^(?:\.{0,2}[^.\#(other)]|\.{3})[^\#(other)]*$"#
        return text(length, pattern: pattern) { text, scalars in
            let isControl = { (scalar: Unicode.Scalar) in
                scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
            }
            return text != "." && text != ".." && !scalars.contains(where: isControl)
        }
    }

    /// Any text of so many Unicode scalars.
    public static func string(_ length: ClosedRange<Int>) -> Self { text(length, pattern: nil) { _, _ in true } }

    private static func text(
        _ length: ClosedRange<Int>,
        pattern: String?,
        _ matches: @escaping @Sendable (String, String.UnicodeScalarView) -> Bool
    ) -> Self {
        let read = { @Sendable (text: String) throws(ValueProblem) -> String in
            let scalars = text.unicodeScalars
            if scalars.count < length.lowerBound { throw .tooShort(length.lowerBound) }
            if scalars.count > length.upperBound { throw .tooLong(length.upperBound) }
            if !matches(text, scalars) { throw .pattern(pattern ?? "") }
            return text
        }
        let bounds: JSON = [
            "type": "string", "minLength": .integer(length.lowerBound), "maxLength": .integer(length.upperBound),
        ]
        return ValueType(
            schema: pattern.map { bounds.merging(["pattern": .string($0)]) } ?? bounds,
            read: read,
            readJSON: { value throws(ValueProblem) in
                guard case .string(let text) = value else { throw .notAString }
                return try read(text)
            },
            json: { .string($0) }
        )
    }
}

extension ValueType where Value == Duration {
    /// A number of seconds, written as JSON writes numbers.
    public static func seconds(_ bounds: ClosedRange<Duration>) -> Self {
        let number = ValueType<Double>.number(bounds.lowerBound.inSeconds...bounds.upperBound.inSeconds)
        return ValueType(
            schema: number.schema,
            read: { text throws(ValueProblem) in .seconds(try number.read(text)) },
            readJSON: { value throws(ValueProblem) in .seconds(try number.readJSON(value)) },
            json: { .number($0.inSeconds) }
        )
    }
}

extension ValueType where Value == Double {
    /// A number, written as JSON writes numbers.
    public static func number(_ bounds: ClosedRange<Double>) -> Self {
        let checked = { @Sendable (number: Double) throws(ValueProblem) -> Double in
            if number < bounds.lowerBound { throw .tooSmall(bounds.lowerBound) }
            if number > bounds.upperBound { throw .tooLarge(bounds.upperBound) }
            return number
        }
        return ValueType(
            schema: ["type": "number", "minimum": .number(bounds.lowerBound), "maximum": .number(bounds.upperBound)],
            read: { text throws(ValueProblem) in try checked(try NumberText.number(text)) },
            readJSON: { value throws(ValueProblem) in
                switch value {
                case .integer(let number): try checked(Double(number))
                case .number(let number): try checked(number)
                default: throw .noNumber
                }
            },
            json: { .number($0) }
        )
    }
}

extension ValueType where Value == Int {
    /// A whole number.
    public static func integer(_ bounds: ClosedRange<Int>) -> Self {
        let checked = { @Sendable (number: Int) throws(ValueProblem) -> Int in
            if number < bounds.lowerBound { throw .tooSmall(Double(bounds.lowerBound)) }
            if number > bounds.upperBound { throw .tooLarge(Double(bounds.upperBound)) }
            return number
        }
        return ValueType(
            schema: [
                "type": "integer", "minimum": .integer(bounds.lowerBound), "maximum": .integer(bounds.upperBound),
            ],
            read: { text throws(ValueProblem) in
                // Past what an integer holds, and so past every bound.
                let number = try NumberText.number(text)
                guard number == number.rounded(), !text.utf8.contains(where: { "eE.".utf8.contains($0) }) else {
                    throw .notIntegerText
                }
                return try checked(Int(text) ?? (number < 0 ? .min : .max))
            },
            readJSON: { value throws(ValueProblem) in
                switch value {
                case .integer(let number): try checked(number)
                case .number(let number) where number == number.rounded():
                    try checked(Int(exactly: number) ?? (number < 0 ? .min : .max))
                default: throw .notAnInteger
                }
            },
            json: { .integer($0) }
        )
    }
}

extension ValueType where Value == Bool {
    /// `true` or `false`.
    public static var boolean: Self {
        ValueType(
            schema: ["type": "boolean"],
            read: { text throws(ValueProblem) in
                switch text {
                case "true": true
                case "false": false
                default: throw .notABool
                }
            },
            readJSON: { value throws(ValueProblem) in
                guard case .bool(let value) = value else { throw .notABool }
                return value
            },
            json: { .bool($0) }
        )
    }
}

extension ValueType where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
    /// One word of an enumeration.
    public static var choice: Self {
        let words = Value.allCases.map(\.rawValue)
        let read = { @Sendable (text: String) throws(ValueProblem) -> Value in
            guard let value = Value(rawValue: text) else { throw .notAmong(words.map(JSON.string)) }
            return value
        }
        return ValueType(
            schema: ["type": "string", "enum": .array(words.map(JSON.string))],
            read: read,
            readJSON: { value throws(ValueProblem) in
                guard case .string(let text) = value else { throw .notAString }
                return try read(text)
            },
            json: { .string($0.rawValue) }
        )
    }
}

extension ValueType {
    /// The same, or nothing: for a parameter whose default is nil.
    public static func optional<Wrapped>(_ type: ValueType<Wrapped>) -> Self where Value == Wrapped? {
        ValueType(
            schema: type.schema,
            read: { text throws(ValueProblem) in try type.read(text) },
            readJSON: { value throws(ValueProblem) in value == .null ? nil : try type.readJSON(value) },
            json: { $0.map(type.json) ?? .null }
        )
    }
}

extension Duration {
    /// The duration as a number of seconds, for schemas and answers.
    package var inSeconds: Double { self / .seconds(1) }
}
