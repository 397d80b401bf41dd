/// Why a text cannot be read as a YAML document. Lines are counted from 1, and may be one past the last.
enum YAMLError: Error, Equatable {
    /// Where the construct began that a fault is in: "while parsing a block mapping", as libyaml says.
    struct Context: Equatable {
        var text: String
        var line: Int
    }

    /// A name that a mapping has more than once, and every line that has it.
    struct Duplicate: Equatable {
        var key: String
        var lines: [Int]
    }

    /// It is not YAML.
    case syntax(_ message: String, line: Int, context: Context?)
    /// A character that may not be in a YAML file, so many octets from its beginning.
    case character(_ message: String, offset: Int)
    /// An alias for what has no such name.
    case undefinedAlias(line: Int)
    /// A tag that means nothing here, or not with what follows it.
    case unknownTag(String, line: Int)
    /// Lists and mappings within each other deeper than ``YAMLComposer/deepestNesting``.
    case tooDeep(line: Int)
    /// Names that are given more than once in one mapping.
    case duplicateKeys([Duplicate])
    /// A second document begins.
    case secondDocument(line: Int)
    /// There is not enough memory.
    case outOfMemory
}
