extension JSON {
    /// The value that a type writes itself as, with its members in the order in which they are written.
    ///
    /// - Throws: `EncodingError` for numbers that JSON does not have: those that are not finite, and integers beyond `Int`.
    package init(encoding value: some Encodable) throws { try self.init(encoding: value, at: []) }

    fileprivate init(encoding value: some Encodable, at path: [any CodingKey]) throws {
        if let scalar = value as? any JSONScalar {
            guard let json = scalar.json else {
                let context = EncodingError.Context(codingPath: path, debugDescription: "JSON has no such number")
                throw EncodingError.invalidValue(value, context)
            }
            self = json
        } else {
            let encoding = JSONEncoding(codingPath: path)
            try value.encode(to: encoding)
            self = encoding.json
        }
    }
}

/// Writes one value. A class, since whoever writes nested containers does so at any time.
private final class JSONEncoding: Encoder, SingleValueEncodingContainer {
    /// A part of a value: written, or possibly not yet.
    enum Part {
        case whole(JSON)
        case open(JSONEncoding)

        var json: JSON {
            switch self {
            case .whole(let json): json
            case .open(let encoding): encoding.json
            }
        }
    }

    private enum Content {
        case value(JSON)
        case list([Part])
        case object
    }

    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }
    /// What writes nothing is an object without members.
    private var content = Content.object
    private var members: [(name: String, part: Part)] = []
    private var places: [String: Int] = [:]

    init(codingPath: [any CodingKey]) { self.codingPath = codingPath }

    var json: JSON {
        switch content {
        case .value(let value): value
        case .list(let parts): .array(parts.map(\.json))
        case .object: .object(members.map { JSON.Member(name: $0.name, value: $0.part.json) })
        }
    }

    func container<Key: CodingKey>(keyedBy _: Key.Type) -> KeyedEncodingContainer<Key> {
        content = .object
        return KeyedEncodingContainer(MemberWriting(encoding: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        if case .list = content {} else { content = .list([]) }
        return ListWriting(encoding: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }

    func encodeNil() { content = .value(.null) }
    func encode<T: Encodable>(_ value: T) throws { content = .value(try JSON(encoding: value, at: codingPath)) }

    // MARK: Parts

    /// A name that is written again keeps its place.
    func set(_ key: any CodingKey, _ part: Part) {
        let name = key.stringValue
        if let place = places[name] {
            members[place].part = part
        } else {
            places[name] = members.count
            members.append((name, part))
        }
    }

    func open(_ key: any CodingKey) -> JSONEncoding {
        let encoding = JSONEncoding(codingPath: codingPath + [key])
        set(key, .open(encoding))
        return encoding
    }

    var count: Int { if case .list(let parts) = content { parts.count } else { 0 } }

    func append(_ part: Part) {
        guard case .list(var parts) = content else { return }
        // Else the list would be copied for each element.
        content = .object
        parts.append(part)
        content = .list(parts)
    }

    func openNext() -> JSONEncoding {
        let encoding = JSONEncoding(codingPath: codingPath + [ListPlace(count)])
        append(.open(encoding))
        return encoding
    }
}

/// Writes members into an object.
private struct MemberWriting<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoding: JSONEncoding
    var codingPath: [any CodingKey] { encoding.codingPath }

    func encodeNil(forKey key: Key) { encoding.set(key, .whole(.null)) }
    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        encoding.set(key, .whole(try JSON(encoding: value, at: codingPath + [key])))
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) -> KeyedEncodingContainer<Nested> { encoding.open(key).container(keyedBy: type) }
    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        encoding.open(key).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { encoding.open(NamedKey.superclass) }
    func superEncoder(forKey key: Key) -> any Encoder { encoding.open(key) }
}

/// Writes elements into a list.
private struct ListWriting: UnkeyedEncodingContainer {
    let encoding: JSONEncoding
    var codingPath: [any CodingKey] { encoding.codingPath }
    var count: Int { encoding.count }

    func encodeNil() { encoding.append(.whole(.null)) }
    func encode<T: Encodable>(_ value: T) throws {
        encoding.append(.whole(try JSON(encoding: value, at: codingPath + [ListPlace(count)])))
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        encoding.openNext().container(keyedBy: type)
    }
    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoding.openNext().unkeyedContainer() }
    func superEncoder() -> any Encoder { encoding.openNext() }
}
