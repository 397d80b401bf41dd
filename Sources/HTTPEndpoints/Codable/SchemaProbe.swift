extension Schema {
    /// The schema of a type, as its `init(from:)` tells it: that is run with placeholders, and what it asks for is noted.
    ///
    /// A type that takes one thing or another is known by what it asks for first.
    ///
    /// - Returns: The schema, and what keeps it from saying all, for the type's author. A type that refuses every
    ///   placeholder, or looks for keys that it does not name, has a schema that allows anything.
    static func of<Value: Decodable>(_ type: Value.Type) -> (schema: Schema, problems: [String]) {
        let probe = SchemaProbe()
        let use = probe.schema(of: type)
        guard let name = probe.name(use), let index = probe.parts.firstIndex(where: { $0.name == name }) else {
            return (Schema(definition: use, parts: probe.parts), probe.problems)
        }
        var whole = probe.parts.remove(at: index)
        whole.parts = probe.parts
        return (whole, probe.problems)
    }

    /// Where references lead.
    static let referencePrefix = "#/components/schemas/"
}

/// Derives the schemas of a type and of those within it.
final class SchemaProbe {
    /// A type within which no value can be made.
    struct Failure: Error, CustomStringConvertible { var description: String }

    /// The types that stand one within another, past which there may be no end of them.
    private static let deepest = 32

    /// The objects and enums, each once.
    fileprivate(set) var parts: [Schema] = []
    /// What is to be told to authors.
    private(set) var problems: [String] = []
    /// The types whose `init(from:)` runs.
    private var open: Set<ObjectIdentifier> = []
    /// The names of types that are referred to.
    private var names: [ObjectIdentifier: String] = [:]
    /// What was found out already; without it, types that share others would be probed again and again.
    private var known: [ObjectIdentifier: (schema: JSON, value: Any)] = [:]
    private var failures: [ObjectIdentifier: Failure] = [:]

    /// The schema of a type as it stands where it is used.
    func schema<T: Decodable>(of type: T.Type, _ bounds: ValueBounds? = nil) -> JSON {
        // A type within itself is told by its name; it will be known when it is done.
        if open.contains(ObjectIdentifier(type)) { return reference(type) }
        do {
            return try value(of: type, bounds).schema
        } catch {
            report("\(type): \(error)")
            return [:]
        }
    }

    /// The schema of a type, and some value of it.
    func value<T: Decodable>(of type: T.Type, _ bounds: ValueBounds? = nil) throws -> (schema: JSON, value: T) {
        if let scalar = type as? any JSONScalar.Type {
            return (scalar.scalarSchema, try Self.cast(scalar.placeholder(bounds)))
        }
        if let container = type as? any ProbedContainer.Type {
            let (schema, value) = container.probed(by: self, bounds)
            return (schema, try Self.cast(value))
        }
        let id = ObjectIdentifier(type)
        if let known = known[id] { return (known.schema, try Self.cast(known.value)) }
        if let failure = failures[id] { throw failure }
        guard !open.contains(id) else { throw Failure(description: "\(type) cannot stand within itself") }
        if let cases = type as? any (CaseIterable & Decodable).Type, let found = Self.rawValues(cases) {
            let value: T = try Self.cast(found.first)
            let schema = found.values.first.map { if case .string = $0 { "string" } else { "integer" } as JSON }
            return (note(type, ["type": schema ?? "string", "enum": .array(found.values)], value), value)
        }
        guard open.count < Self.deepest else { throw Failure(description: "types are nested without end") }
        open.insert(id)
        defer { open.remove(id) }
        let described = type as? any SchemaDescribed.Type
        let shape = ProbedShape(bounds: described?.memberBounds ?? [:], ownBounds: bounds)
        let value: T
        do {
            value = try T(from: ProbingDecoder(probe: self, shape: shape))
        } catch {
            // What is done may refer to it.
            if let name = names[id] { parts.append(Schema(name: name, definition: [:])) }
            let failure = error as? Failure ?? Failure(description: "\(type) refuses a placeholder: \(error)")
            failures[id] = failure
            throw failure
        }
        let schema = shape.schema { self.report("\(type): \($0)") }
        guard shape.isObject || names[id] != nil else { return (schema, value) }
        return (note(type, schema, value), value)
    }

    func report(_ problem: String) {
        if !problems.contains(problem) { problems.append(problem) }
    }

    // MARK: Names

    private func note<T>(_ type: T.Type, _ schema: JSON, _ value: T) -> JSON {
        let use = reference(type)
        known[ObjectIdentifier(type)] = (use, value)
        parts.append(Schema(name: name(use), definition: schema))
        return use
    }

    /// The name that a schema refers to, if it does nothing else.
    fileprivate func name(_ use: JSON) -> String? {
        guard case .string(let reference)? = use["$ref"] else { return nil }
        return String(reference.dropFirst(Schema.referencePrefix.count))
    }

    private func reference(_ type: any Any.Type) -> JSON {
        let id = ObjectIdentifier(type)
        var name = names[id] ?? Self.name(of: type)
        if names[id] == nil {
            let taken = Set(names.values)
            let plain = name
            var count = 1
            while taken.contains(name) {
                count += 1
                name = "\(plain)\(count)"
            }
            names[id] = name
        }
        return ["$ref": .string(Schema.referencePrefix + name)]
    }

    /// `Shop.Order` for a type within another, `Page_Order` for a generic one: without modules, and without what
    /// OpenAPI's names do not have.
    private static func name(of type: any Any.Type) -> String {
        // Types within functions stand within parentheses that tell an address.
        var depth = 0
        let text = String(reflecting: type).filter { character in
            if character == "(" { depth += 1 }
            defer { if character == ")" { depth -= 1 } }
            return depth == 0
        }
        let words = text.split { !($0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "." || $0 == "_") }
        return words.map { $0.split(separator: ".").dropFirst().joined(separator: ".") }.joined(separator: "_")
    }

    // MARK: Values

    static func cast<T>(_ value: Any) throws -> T {
        guard let value = value as? T else { throw Failure(description: "\(T.self) is another type") }
        return value
    }

    private static func rawValues<Cases: CaseIterable>(_: Cases.Type) -> (first: Any, values: [JSON])? {
        let values = Cases.allCases.compactMap { each -> JSON? in
            ((each as? any RawRepresentable)?.rawValue as? any JSONScalar)?.json
        }
        guard let first = Cases.allCases.first, values.count == Cases.allCases.count else { return nil }
        return (first, values)
    }
}

// MARK: The standard library's containers

/// A container whose schema follows from what it contains. It is not probed: it needs no value of that, which is what
/// lets types contain themselves.
private protocol ProbedContainer {
    static func probed(by probe: SchemaProbe, _ bounds: ValueBounds?) -> (schema: JSON, value: Any)
}

extension Optional: ProbedContainer where Wrapped: Decodable {
    static func probed(by probe: SchemaProbe, _ bounds: ValueBounds?) -> (schema: JSON, value: Any) {
        (probe.schema(of: Wrapped.self, bounds).nullable, Self.none as Any)
    }
}

extension Array: ProbedContainer where Element: Decodable {
    static func probed(by probe: SchemaProbe, _ bounds: ValueBounds?) -> (schema: JSON, value: Any) {
        (["type": "array", "items": probe.schema(of: Element.self, bounds?.items)], Self())
    }
}

extension Set: ProbedContainer where Element: Decodable {
    static func probed(by probe: SchemaProbe, _ bounds: ValueBounds?) -> (schema: JSON, value: Any) {
        (["type": "array", "items": probe.schema(of: Element.self, bounds?.items)], Self())
    }
}

extension Dictionary: ProbedContainer where Key: Decodable, Value: Decodable {
    static func probed(by probe: SchemaProbe, _ bounds: ValueBounds?) -> (schema: JSON, value: Any) {
        let values = probe.schema(of: Value.self)
        // Keys that are no names are written as elements of a list, each before its value.
        guard Key.self is any CodingKeyRepresentable.Type else { return (["type": "array"], Self()) }
        return (["type": "object", "additionalProperties": values], Self())
    }
}

extension JSON {
    /// This schema, or null.
    var nullable: JSON {
        if self["anyOf"] != nil || schemaTypes.contains("null") { return self }
        if self["$ref"] != nil { return ["anyOf": [self, ["type": "null"]]] }
        return self["type"].map { setting("type", [$0, "null"]) } ?? self
    }
}
