/// A `Codable` type that says more of its members than their Swift types do. The document shows it, and bodies are held
/// to it.
///
/// ```swift
/// struct Order: Codable, SchemaDescribed {
///     var name: String
///     var tags: [String]?
///     var copies: Int
///
///     static let memberBounds: [String: ValueBounds] = [
///         "name": ValueBounds("Who orders.", minLength: 1, maxLength: 100),
///         "tags": ValueBounds("What it is filed under.", maxItems: 8, items: ValueBounds(maxLength: 20)),
///         "copies": ValueBounds(minimum: 1, maximum: 99),
///     ]
/// }
/// ```
public protocol SchemaDescribed {
    /// What is said of members, by their names in JSON.
    static var memberBounds: [String: ValueBounds] { get }
}

/// What is said of one value: a description, and bounds in the words of JSON Schema.
public struct ValueBounds: Sendable {
    let description: String?
    let minimum: Double?
    let maximum: Double?
    let minLength: Int?
    let maxLength: Int?
    let minItems: Int?
    let maxItems: Int?
    /// One at most; a list, since a value cannot hold one of its own kind.
    private let ofItems: [ValueBounds]

    /// Creates bounds. Those that do not fit the member's type are reported where the schema is derived.
    ///
    /// - Parameters:
    ///   - description: What the member means, for readers of the document.
    ///   - minimum: The least number that is taken.
    ///   - maximum: The greatest number that is taken.
    ///   - minLength: The fewest Unicode scalars of a string.
    ///   - maxLength: The most Unicode scalars of a string.
    ///   - minItems: The fewest elements of a list.
    ///   - maxItems: The most elements of a list.
    ///   - items: What is said of each element of a list.
    public init(
        _ description: String? = nil,
        minimum: Double? = nil,
        maximum: Double? = nil,
        minLength: Int? = nil,
        maxLength: Int? = nil,
        minItems: Int? = nil,
        maxItems: Int? = nil,
        items: ValueBounds? = nil
    ) {
        self.description = description
        self.minimum = minimum
        self.maximum = maximum
        self.minLength = minLength
        self.maxLength = maxLength
        self.minItems = minItems
        self.maxItems = maxItems
        ofItems = items.map { [$0] } ?? []
    }

    var items: ValueBounds? { ofItems.first }

    /// The number within the bounds that is nearest to zero.
    var nearZero: Double { max(minimum ?? -.infinity, min(maximum ?? .infinity, 0)) }

    /// A schema with these bounds, where they are tighter than its own.
    ///
    /// - Parameter misfits: Takes the words that the schema's type has no use for.
    func applied(to schema: JSON, _ misfits: inout [String]) -> JSON {
        var schema = schema
        let types = schema.schemaTypes
        let bounds: [(word: String, value: JSON?, types: [String], isLeast: Bool)] = [
            ("minimum", minimum.map { JSON(number: $0) }, ["integer", "number"], true),
            ("maximum", maximum.map { JSON(number: $0) }, ["integer", "number"], false),
            ("minLength", minLength.map(JSON.integer), ["string"], true),
            ("maxLength", maxLength.map(JSON.integer), ["string"], false),
            ("minItems", minItems.map(JSON.integer), ["array"], true),
            ("maxItems", maxItems.map(JSON.integer), ["array"], false),
        ]
        for (word, value, fitting, isLeast) in bounds {
            guard let value else { continue }
            guard types.contains(where: fitting.contains) else {
                misfits.append(word)
                continue
            }
            let isTighter = schema[word].map { isLeast ? $0.isLess(than: value) : value.isLess(than: $0) } ?? true
            if isTighter { schema = schema.setting(word, value) }
        }
        if let items {
            if let schemaOfItems = schema["items"] {
                schema = schema.setting("items", items.applied(to: schemaOfItems, &misfits))
            } else {
                misfits.append("items")
            }
        }
        return description.map { schema.setting("description", .string($0)) } ?? schema
    }
}

extension JSON {
    /// The words of a schema's `type`.
    var schemaTypes: [String] {
        switch self["type"] {
        case .string(let type)?: [type]
        case .array(let types)?: types.compactMap { if case .string(let type) = $0 { type } else { nil } }
        default: []
        }
    }

    /// Whether a number is less than another. Integers are compared as they are, since not every `Double` tells two apart.
    func isLess(than other: JSON) -> Bool {
        if case .integer(let mine) = self, case .integer(let others) = other { return mine < others }
        guard let mine = Double(json: self), let others = Double(json: other) else { return false }
        return mine < others
    }
}
