import CYAML

/// What libyaml finds in a text, one after the other.
struct YAMLEvent {
    /// What was found.
    enum Kind {
        case scalar(String, isPlain: Bool)
        case alias
        case sequenceStart
        case mappingStart
        /// The end of a sequence or a mapping.
        case collectionEnd
        case documentStart
        case documentEnd
        case streamStart
        case streamEnd
    }

    var kind: Kind
    /// The line on which it begins, counted from 1.
    var line: Int
    /// The name behind `&`, or of an alias behind `*`.
    var anchor: String?
    /// The tag in front of it, written out; nil where there is none, and for the non-specific `!`.
    var tag: String?
}

/// libyaml's parser.
final class YAMLEvents {
    /// libyaml keeps pointers into the parser within it, so it must not move.
    private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    private let text: UnsafeMutableBufferPointer<UInt8>

    init(_ text: String) throws(YAMLError) {
        // Never without an address, which libyaml does not take.
        self.text = .allocate(capacity: max(1, text.utf8.count))
        _ = self.text.initialize(from: text.utf8)
        parser.initialize(to: yaml_parser_t())
        guard yaml_parser_initialize(parser) == 1 else { throw .outOfMemory }
        // It takes the text for UTF-8, and skips a byte order mark.
        yaml_parser_set_input_string(parser, self.text.baseAddress, text.utf8.count)
    }

    deinit {
        // Deleting one that could not be initialized does nothing: libyaml clears it in that case.
        yaml_parser_delete(parser)
        parser.deallocate()
        text.deallocate()
    }

    /// The next event. There is none behind ``YAMLEvent/Kind/streamEnd``.
    func next() throws(YAMLError) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw YAMLError(parser.pointee) }
        defer { yaml_event_delete(&event) }
        return YAMLEvent(event)
    }
}

extension YAMLEvent {
    fileprivate init(_ event: yaml_event_t) {
        line = event.start_mark.line + 1
        switch event.type {
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let octets = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
            kind = .scalar(String(decoding: octets, as: UTF8.self), isPlain: isPlain)
            anchor = scalar.anchor.map { String(cString: $0) }
            tag = Self.tag(scalar.tag)
        case YAML_ALIAS_EVENT:
            kind = .alias
            anchor = event.data.alias.anchor.map { String(cString: $0) }
        case YAML_SEQUENCE_START_EVENT:
            kind = .sequenceStart
            anchor = event.data.sequence_start.anchor.map { String(cString: $0) }
            tag = Self.tag(event.data.sequence_start.tag)
        case YAML_MAPPING_START_EVENT:
            kind = .mappingStart
            anchor = event.data.mapping_start.anchor.map { String(cString: $0) }
            tag = Self.tag(event.data.mapping_start.tag)
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: kind = .collectionEnd
        case YAML_DOCUMENT_START_EVENT: kind = .documentStart
        case YAML_DOCUMENT_END_EVENT: kind = .documentEnd
        case YAML_STREAM_START_EVENT: kind = .streamStart
        default: kind = .streamEnd
        }
    }

    private static func tag(_ octets: UnsafeMutablePointer<UInt8>?) -> String? {
        let tag = octets.map { String(cString: $0) }
        return tag == "!" ? nil : tag
    }
}

extension YAMLError {
    fileprivate init(_ parser: yaml_parser_t) {
        let message = parser.problem.map { String(cString: $0) } ?? ""
        switch parser.error {
        case YAML_MEMORY_ERROR: self = .outOfMemory
        case YAML_READER_ERROR: self = .character(message, offset: parser.problem_offset)
        default:
            let context = parser.context.map {
                Context(text: String(cString: $0), line: parser.context_mark.line + 1)
            }
            self = .syntax(message, line: parser.problem_mark.line + 1, context: context)
        }
    }
}
