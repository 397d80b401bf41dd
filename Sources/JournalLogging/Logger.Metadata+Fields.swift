import Logging

/// What a record takes from metadata.
struct FlatMetadata {
    var messageID: MessageID?
    var fields: [LogField] = []

    /// Flattens metadata into fields, in the order of the keys, so that the same metadata always gives the same fields.
    ///
    /// - A nested dictionary gives a field for each of its values, named with a dot: `request.id`.
    /// - An array gives a field with several values, all under its own name. The journal knows such fields; a text
    ///   line repeats the name, and JSON has an array. An empty array or dictionary gives nothing.
    /// - What is nested deeper than `maximumDepth` is one field with its description.
    /// - ``MessageID/metadataKey`` at the top with a valid identifier becomes ``messageID`` instead of a field.
    init(_ metadata: Logger.Metadata) {
        guard !metadata.isEmpty else { return }
        fields.reserveCapacity(metadata.count)
        for (key, value) in metadata.count == 1 ? Array(metadata) : metadata.sorted(by: { $0.key < $1.key }) {
            if key == MessageID.metadataKey, let id = MessageID(value) {
                messageID = id
            } else {
                append(key, value, depth: 0)
            }
        }
    }

    static let maximumDepth = 8

    private mutating func append(_ name: String, _ value: Logger.MetadataValue, depth: Int) {
        switch value {
        case .string(let text): fields.append(LogField(name, .string(text)))
        case .stringConvertible(let value): fields.append(LogField(name, LogValue(describing: value)))
        case .dictionary, .array: appendNested(name, value, depth: depth)
        }
    }

    private mutating func appendNested(_ name: String, _ value: Logger.MetadataValue, depth: Int) {
        guard depth < Self.maximumDepth else {
            fields.append(LogField(name, .string("\(value)")))
            return
        }
        switch value {
        case .dictionary(let values):
            for (key, value) in values.sorted(by: { $0.key < $1.key }) {
                append("\(name).\(key)", value, depth: depth + 1)
            }
        case .array(let values):
            for value in values { append(name, value, depth: depth + 1) }
        case .string, .stringConvertible: break
        }
    }
}

extension MessageID {
    fileprivate init?(_ value: Logger.MetadataValue) {
        switch value {
        case .string(let digits): self.init(digits)
        case .stringConvertible(let id as MessageID): self = id
        case .stringConvertible(let other): self.init("\(other)")
        case .dictionary, .array: return nil
        }
    }
}

extension LogValue {
    /// Numbers stay numbers, for JSON. Anything else is described now, on the calling thread: a reference type may
    /// say something else later.
    fileprivate init(describing value: any CustomStringConvertible & Sendable) {
        switch value {
        case let integer as Int: self = .integer(Int64(integer))
        case let integer as any BinaryInteger:
            if let exact = Int64(exactly: integer) { self = .integer(exact) } else { self = .string("\(value)") }
        default: self = .string("\(value)")
        }
    }
}
