/// A type that is one value in JSON, known to reading, writing and schemas alike.
protocol JSONScalar: Codable {
    /// What the schema says of it.
    static var scalarSchema: JSON { get }
    /// What is wrong where another kind of value stands.
    static var problem: ValueProblem { get }
    /// Some value, within bounds where there are any.
    static func placeholder(_ bounds: ValueBounds?) -> Self

    /// Reads a value; nil where it is of another kind, or out of range.
    init?(json: JSON)
    /// Writes the value; nil where JSON does not have it.
    var json: JSON? { get }
}

extension Bool: JSONScalar {
    static var scalarSchema: JSON { ["type": "boolean"] }
    static var problem: ValueProblem { .notABool }
    static func placeholder(_: ValueBounds?) -> Bool { false }

    init?(json: JSON) {
        guard case .bool(let value) = json else { return nil }
        self = value
    }
    var json: JSON? { .bool(self) }
}

extension String: JSONScalar {
    static var scalarSchema: JSON { ["type": "string"] }
    static var problem: ValueProblem { .notAString }
    static func placeholder(_ bounds: ValueBounds?) -> String {
        String(repeating: "a", count: Swift.min(Swift.max(bounds?.minLength ?? 0, 0), 1_000))
    }

    init?(json: JSON) {
        guard case .string(let value) = json else { return nil }
        self = value
    }
    var json: JSON? { .string(self) }
}

// MARK: Numbers

extension JSONScalar where Self: BinaryFloatingPoint & LosslessStringConvertible {
    static var scalarSchema: JSON { ["type": "number"] }
    static var problem: ValueProblem { .noNumber }
    static func placeholder(_ bounds: ValueBounds?) -> Self { Self(bounds?.nearZero ?? 0) }

    init?(json: JSON) {
        switch json {
        case .integer(let value): self.init(value)
        case .number(let value): self.init(value)
        default: return nil
        }
        // A `Float` has no room for most of what a `Double` holds.
        guard isFinite else { return nil }
    }

    var json: JSON? {
        guard isFinite else { return nil }
        // The digits of a `Float` are few; those of the `Double` that equals it are many.
        return Double(description).map { JSON(number: $0) }
    }
}

extension Double: JSONScalar {}
extension Float: JSONScalar {}

extension JSONScalar where Self: FixedWidthInteger {
    /// Past 53 bits the bounds are left to `format`: most readers' numbers do not hold them.
    static var scalarSchema: JSON {
        let isWide = bitWidth == 64
        var schema: JSON = ["type": "integer"]
        schema = schema.setting("format", isWide || self == UInt32.self ? "int64" : "int32")
        if !isWide || !isSigned { schema = schema.setting("minimum", .integer(Int(clamping: min))) }
        if !isWide { schema = schema.setting("maximum", .integer(Int(clamping: max))) }
        return schema
    }
    static var problem: ValueProblem { .notAnInteger }
    static func placeholder(_ bounds: ValueBounds?) -> Self {
        let value = (bounds?.nearZero ?? 0).rounded(.up)
        return Self(exactly: value) ?? 0
    }

    init?(json: JSON) {
        guard case .integer(let value) = json else { return nil }
        self.init(exactly: value)
    }
    /// Integers beyond `Int` would come back as other ones: they are refused.
    var json: JSON? { Int(exactly: self).map(JSON.integer) }
}

extension Int: JSONScalar {}
extension Int8: JSONScalar {}
extension Int16: JSONScalar {}
extension Int32: JSONScalar {}
extension Int64: JSONScalar {}
extension UInt: JSONScalar {}
extension UInt8: JSONScalar {}
extension UInt16: JSONScalar {}
extension UInt32: JSONScalar {}
extension UInt64: JSONScalar {}
