extension JSON {
    /// A value of a type that reads itself from this one.
    ///
    /// - Throws: `DecodingError`, and whatever the type itself throws.
    package func decoded<Value: Decodable>(as type: Value.Type) throws -> Value {
        try JSONDecoding(value: self, codingPath: []).decode(type)
    }
}

/// A place in a list, in a coding path.
struct ListPlace: CodingKey {
    var place: Int

    init(_ place: Int) { self.place = place }
    init?(intValue: Int) { place = intValue }
    init?(stringValue: String) { nil }
    var intValue: Int? { place }
    var stringValue: String { "\(place)" }
}

/// A member's name that no type declares: that of a superclass's part.
struct NamedKey: CodingKey {
    var stringValue: String

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
    var intValue: Int? { nil }

    static let superclass = NamedKey(stringValue: "super")
}

/// Reads types out of a JSON value.
struct JSONDecoding: Decoder, SingleValueDecodingContainer {
    let value: JSON
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy _: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let members) = value else { throw mismatch([String: JSON].self) }
        return KeyedDecodingContainer(MemberReading(members: JSONMembers(members), codingPath: codingPath))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let values) = value else { throw mismatch([JSON].self) }
        return ListReading(values: values, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    func decodeNil() -> Bool { value == .null }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        guard let scalar = type as? any JSONScalar.Type else { return try T(from: self) }
        if let read = scalar.init(json: value) as? T { return read }
        if scalar is any BinaryInteger.Type || scalar is any BinaryFloatingPoint.Type {
            switch value {
            case .integer, .number: throw DecodingError.dataCorrupted(context("The number does not fit \(type)"))
            default: break
            }
        }
        throw mismatch(type)
    }

    private func mismatch(_ type: any Any.Type) -> DecodingError {
        value == .null
            ? .valueNotFound(type, context("\(type) is expected, not null"))
            : .typeMismatch(type, context("\(type) is expected"))
    }

    private func context(_ description: String) -> DecodingError.Context {
        DecodingError.Context(codingPath: codingPath, debugDescription: description)
    }
}

/// Reads the members of an object.
private struct MemberReading<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let members: JSONMembers
    let codingPath: [any CodingKey]

    var allKeys: [Key] { members.all.compactMap { Key(stringValue: $0.name) } }

    func contains(_ key: Key) -> Bool { members[key.stringValue] != nil }
    func decodeNil(forKey key: Key) throws -> Bool { try member(key).decodeNil() }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try member(key).decode(type) }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> { try member(key).container(keyedBy: type) }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try member(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { try member(NamedKey.superclass) }
    func superDecoder(forKey key: Key) throws -> any Decoder { try member(key) }

    private func member(_ key: any CodingKey) throws -> JSONDecoding {
        guard let value = members[key.stringValue] else {
            let context = DecodingError.Context(codingPath: codingPath, debugDescription: "Field required")
            throw DecodingError.keyNotFound(key, context)
        }
        return JSONDecoding(value: value, codingPath: codingPath + [key])
    }
}

/// Reads the elements of a list, one after another.
private struct ListReading: UnkeyedDecodingContainer {
    let values: [JSON]
    let codingPath: [any CodingKey]
    var currentIndex = 0

    init(values: [JSON], codingPath: [any CodingKey]) {
        self.values = values
        self.codingPath = codingPath
    }

    var count: Int? { values.count }
    var isAtEnd: Bool { currentIndex == values.count }

    mutating func decodeNil() throws -> Bool {
        let isNil = try element(JSON?.self).decodeNil()
        if isNil { currentIndex += 1 }
        return isNil
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try read(type) { try $0.decode(type) } }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> { try read([String: JSON].self) { try $0.container(keyedBy: type) } }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try read([JSON].self) { try $0.unkeyedContainer() }
    }

    mutating func superDecoder() throws -> any Decoder { try read(JSON.self) { $0 } }

    /// Steps on only where reading went well, as the protocol asks.
    private mutating func read<T>(_ type: any Any.Type, _ body: (JSONDecoding) throws -> T) throws -> T {
        let read = try body(element(type))
        currentIndex += 1
        return read
    }

    private func element(_ type: any Any.Type) throws -> JSONDecoding {
        let path = codingPath + [ListPlace(currentIndex)]
        guard currentIndex < values.count else {
            let context = DecodingError.Context(codingPath: path, debugDescription: "The list has no further element")
            throw DecodingError.valueNotFound(type, context)
        }
        return JSONDecoding(value: values[currentIndex], codingPath: path)
    }
}
