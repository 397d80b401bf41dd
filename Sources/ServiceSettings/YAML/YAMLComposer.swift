/// Makes nodes of libyaml's events. libyaml can do that, too, but names no duplicates and bounds no nesting.
struct YAMLComposer {
    /// How deep lists and mappings may be within each other: far deeper than any setting.
    static let deepestNesting = 64

    private let events: YAMLEvents
    private var anchors: [String: YAMLNode] = [:]

    private init(_ text: String) throws(YAMLError) {
        events = try YAMLEvents(text)
    }

    /// The one document of a text, or nil if there is none.
    static func compose(_ text: String) throws(YAMLError) -> YAMLNode? {
        var composer = try YAMLComposer(text)
        return try composer.document()
    }

    private mutating func document() throws(YAMLError) -> YAMLNode? {
        _ = try events.next()  // .streamStart
        guard case .documentStart = try events.next().kind else { return nil }
        let root = try node(events.next(), depth: 0)
        _ = try events.next()  // .documentEnd
        let end = try events.next()
        guard case .streamEnd = end.kind else { throw .secondDocument(line: end.line) }
        return root
    }

    private mutating func node(_ event: YAMLEvent, depth: Int) throws(YAMLError) -> YAMLNode {
        guard depth <= Self.deepestNesting else { throw .tooDeep(line: event.line) }
        try Self.checkTag(event)
        let content: YAMLNode.Content
        switch event.kind {
        // `!!str ~` is a text.
        case .scalar(let text, let isPlain): content = .scalar(text, isPlain: isPlain && event.tag == nil)
        case .sequenceStart: content = .sequence(try elements(depth: depth + 1))
        case .mappingStart: content = .mapping(try pairs(depth: depth + 1))
        default:
            // An alias shares what it stands for, so many of them cost no more than their own length. It names nothing
            // that has not ended, so there are no circles.
            guard let node = event.anchor.flatMap({ anchors[$0] }) else { throw .undefinedAlias(line: event.line) }
            return node
        }
        let node = YAMLNode(content: content, line: event.line)
        if let anchor = event.anchor { anchors[anchor] = node }
        return node
    }

    private mutating func elements(depth: Int) throws(YAMLError) -> [YAMLNode] {
        var elements: [YAMLNode] = []
        while let event = try nextInCollection() { elements.append(try node(event, depth: depth)) }
        return elements
    }

    private mutating func pairs(depth: Int) throws(YAMLError) -> [(key: YAMLNode, value: YAMLNode)] {
        var pairs: [(key: YAMLNode, value: YAMLNode)] = []
        while let event = try nextInCollection() {
            let key = try node(event, depth: depth)
            pairs.append((key, try node(events.next(), depth: depth)))
        }
        let duplicates = Self.duplicates(pairs.map(\.key))
        guard duplicates.isEmpty else { throw .duplicateKeys(duplicates) }
        return pairs
    }

    private func nextInCollection() throws(YAMLError) -> YAMLEvent? {
        let event = try events.next()
        if case .collectionEnd = event.kind { return nil }
        return event
    }

    /// Refuses a tag that asks for something else than is read: every scalar is a text, whose type its reader knows.
    private static func checkTag(_ event: YAMLEvent) throws(YAMLError) {
        guard let tag = event.tag else { return }
        let known =
            switch event.kind {
            case .scalar: ["str", "int", "float", "bool"]
            case .sequenceStart: ["seq"]
            case .mappingStart: ["map"]
            default: [String]()
            }
        guard known.contains(where: { tag == "tag:yaml.org,2002:\($0)" }) else {
            throw .unknownTag(tag, line: event.line)
        }
    }

    private static func duplicates(_ keys: [YAMLNode]) -> [YAMLError.Duplicate] {
        var lines: [String: [Int]] = [:]
        for key in keys { if let text = key.text { lines[text, default: []].append(key.line) } }
        return lines.filter { $0.value.count > 1 }.sorted { $0.key < $1.key }.map {
            .init(key: $0.key, lines: $0.value)
        }
    }
}
