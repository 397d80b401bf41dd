/// A value in a YAML document, and the line on which it begins.
struct YAMLNode: Sendable {
    /// What there is. Every scalar is taken as the text that it is written as: its type is its reader's business.
    enum Content: Sendable {
        /// A text; plain, if it stands neither in quotes nor in a block.
        case scalar(String, isPlain: Bool)
        /// A list.
        case sequence([YAMLNode])
        /// Names with their values, in the order of the file; names that are scalars differ.
        case mapping([(key: YAMLNode, value: YAMLNode)])
    }

    /// What there is.
    var content: Content
    /// Counted from 1.
    var line: Int

    /// The text of a scalar.
    var text: String? { if case .scalar(let text, _) = content { text } else { nil } }

    /// Whether this is YAML's way to say nothing: no text, `~` or `null`, without quotes.
    var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }
}
