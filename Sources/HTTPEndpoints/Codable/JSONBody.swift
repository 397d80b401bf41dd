/// A type of one's own that is sent and answered as JSON. How it is written and read follows from its `Codable`
/// conformance, and so does its schema; ``SchemaDescribed`` adds bounds and descriptions.
///
///     struct Note: JSONBody {
///         var title: String
///         var tags: [String]?
///     }
public protocol JSONBody: AnswerBody, JSONValue {}

/// What a list or an object in JSON may hold.
public protocol JSONValue: Codable, Sendable {}

extension String: JSONValue {}
extension Int: JSONValue {}
extension Double: JSONValue {}
extension Bool: JSONValue {}

extension Schema {
    /// The schema of a type, with what keeps it from saying all.
    fileprivate init(derivedFrom type: (some Decodable).Type) {
        let derived = Schema.of(type)
        self = derived.schema
        problems = derived.problems
    }
}

extension JSONBody {
    /// The schema that follows from the type.
    public static var schema: Schema { Schema(derivedFrom: Self.self) }
    /// The value in JSON.
    public var content: [UInt8] { get throws { try JSON(encoding: self).bytes } }
}

extension Array: Answering, AnswerBody where Element: JSONValue {
    /// A list of them.
    public static var schema: Schema { Schema(derivedFrom: Self.self) }
    /// The list in JSON.
    public var content: [UInt8] { get throws { try JSON(encoding: self).bytes } }
}

extension Dictionary: Answering, AnswerBody where Key == String, Value: JSONValue {
    /// An object of which each member is of one type.
    public static var schema: Schema { Schema(derivedFrom: Self.self) }
    /// The object in JSON.
    public var content: [UInt8] { get throws { try JSON(encoding: self).bytes } }
}

extension Parameter where Value: AnswerBody & Codable {
    /// The whole body of the request, as JSON: a ``JSONBody``, or a list or an object of them.
    public static func body(_ type: Value.Type = Value.self, _ summary: String = "") -> Self {
        let schema = Value.schema
        let declaration = ParameterDeclaration("body", .body, isRequired: true, summary, schema.use, whole: schema)
        return Parameter(declaration: declaration) { input, issues in
            switch try BodyReading.read(input.content, as: type, schema: schema) {
            case .value(let value): return value
            case .invalid(let found):
                issues += found
                return nil
            }
        }
    }
}
