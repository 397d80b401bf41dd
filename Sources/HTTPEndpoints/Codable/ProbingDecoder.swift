/// A decoder that decodes nothing: it hands out placeholders, and notes what is asked for.
struct ProbingDecoder: Decoder {
    let probe: SchemaProbe
    let shape: ProbedShape
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy _: Key.Type) -> KeyedDecodingContainer<Key> {
        shape.beObject()
        return KeyedDecodingContainer(ProbedMembers(probe: probe, shape: shape))
    }

    func unkeyedContainer() -> any UnkeyedDecodingContainer {
        shape.beList()
        return ProbedList(probe: probe, shape: shape)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { ProbedValue(probe: probe, shape: shape) }
}

/// Notes the members that are asked for.
private struct ProbedMembers<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let probe: SchemaProbe
    let shape: ProbedShape
    var codingPath: [any CodingKey] { [] }
    /// Names that are not in the type's code cannot be known.
    var allKeys: [Key] { [] }

    func contains(_ key: Key) -> Bool {
        shape.noteMaybeMissing(key.stringValue)
        return true
    }

    func decodeNil(forKey key: Key) -> Bool {
        shape.noteMaybeNull(key.stringValue)
        return false
    }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        let (schema, value) = try probe.value(of: type, shape.bounds[key.stringValue])
        shape.note(key.stringValue, .known(schema))
        return value
    }

    /// The type goes on without the member: it can.
    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) -> T? {
        let schema = probe.schema(of: type, shape.bounds[key.stringValue])
        shape.note(key.stringValue, .known(schema), isRequired: false)
        return nil
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) -> KeyedDecodingContainer<Nested> { inner(key).container(keyedBy: type) }
    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedDecodingContainer { inner(key).unkeyedContainer() }
    func superDecoder() -> any Decoder { inner(NamedKey.superclass) }
    func superDecoder(forKey key: Key) -> any Decoder { inner(key) }

    private func inner(_ key: any CodingKey) -> ProbingDecoder {
        let inner = ProbedShape()
        shape.note(key.stringValue, .shape(inner))
        return ProbingDecoder(probe: probe, shape: inner)
    }
}

/// Notes the elements that are asked for. There is one, and more for those who do not ask whether there are.
private struct ProbedList: UnkeyedDecodingContainer {
    /// The elements after which no more are given, lest someone asks for ever.
    private static let most = 64

    let probe: SchemaProbe
    let shape: ProbedShape
    var codingPath: [any CodingKey] { [] }
    var count: Int? { nil }
    var currentIndex: Int { shape.count }
    var isAtEnd: Bool { shape.count > 0 }

    func decodeNil() -> Bool { false }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        guard shape.count < Self.most else { throw SchemaProbe.Failure(description: "a list has no end") }
        let (schema, value) = try probe.value(of: type, shape.ownBounds?.items)
        shape.noteElement(.known(schema))
        return value
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) throws -> KeyedDecodingContainer<Nested> {
        try inner().container(keyedBy: type)
    }
    func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try inner().unkeyedContainer() }
    func superDecoder() throws -> any Decoder { try inner() }

    private func inner() throws -> ProbingDecoder {
        guard shape.count < Self.most else { throw SchemaProbe.Failure(description: "a list has no end") }
        let inner = ProbedShape()
        shape.noteElement(.shape(inner))
        return ProbingDecoder(probe: probe, shape: inner)
    }
}

/// Notes the value that is asked for.
private struct ProbedValue: SingleValueDecodingContainer {
    let probe: SchemaProbe
    let shape: ProbedShape
    var codingPath: [any CodingKey] { [] }

    func decodeNil() -> Bool {
        shape.noteMaybeNull()
        return false
    }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let (schema, value) = try probe.value(of: type, shape.ownBounds)
        shape.noteValue(.known(schema))
        return value
    }
}
