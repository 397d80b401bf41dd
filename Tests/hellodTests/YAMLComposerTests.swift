import Testing

@testable import HTTPDaemon
@testable import ServiceSettings
@testable import hellod

/// A document in a form that can be compared: plain text as it is, other text in quotes, each with its line.
private func outline(_ node: YAMLNode) -> String {
    switch node.content {
    case .scalar(let text, let isPlain): (isPlain ? text : "'\(text)'") + "@\(node.line)"
    case .sequence(let elements): "[" + elements.map(outline).joined(separator: " ") + "]@\(node.line)"
    case .mapping(let pairs):
        "{" + pairs.map { outline($0.key) + ": " + outline($0.value) }.joined(separator: " ") + "}@\(node.line)"
    }
}

private func failure(_ text: String) -> YAMLError? {
    do throws(YAMLError) {
        _ = try YAMLComposer.compose(text)
        return nil
    } catch {
        return error
    }
}

@Suite struct YAMLComposerTests {
    @Test(arguments: [
        ("a", "a@1"), ("'a'", "'a'@1"), ("\"\\u00e9\\n\"", "'é\n'@1"), ("|\n  a\n  b\n", "'a\nb\n'@1"),
        ("a:", "{a@1: @1}@1"),
        ("---\n~\n...\n", "~@2"), ("\u{FEFF}a: é", "{a@1: é@1}@1"), ("# c\r\na: 1\r\nb: 2", "{a@2: 1@2 b@3: 2@3}@2"),
        ("a:\n  b: [c, {d: e}]\n  f:\n    - g\n", "{a@1: {b@2: [c@2 {d@2: e@2}@2]@2 f@3: [g@4]@4}@2}@1"),
        ("!!int 'a'", "'a'@1"), ("! a", "a@1"), ("!!str a", "'a'@1"), ("!!seq [a]", "[a@1]@1"),
        ("%TAG !e! tag:yaml.org,2002:\n---\n!e!str a", "'a'@3"), ("!x a", nil), ("!<tag:x> a", nil), ("a\0b", nil),
        ("%YAML 1.1\n---\na", "a@3"),
        ("{a: 1, 'b': 2}", "{a@1: 1@1 'b'@1: 2@1}@1"),
    ])
    func `a document is made of texts, lists and mappings, each with its line`(text: String, expected: String?) throws {
        guard let expected else { return #expect(failure(text) != nil) }
        let node = try #require(try YAMLComposer.compose(text))
        #expect(outline(node) == expected)
    }

    @Test(arguments: ["", "\n", "# nothing\n", "\u{FEFF}"])
    func `there may be no document`(text: String) throws {
        #expect(try YAMLComposer.compose(text) == nil)
    }

    @Test(arguments: ["~", "null", "Null", "NULL", "", "a:"])
    func `nothing is plain, and no word in quotes`(text: String) throws {
        let node = try YAMLComposer.compose("- \(text)\n- '\(text)'")
        guard case .sequence(let elements) = node?.content else { return #expect(Bool(false)) }
        #expect(elements.map(\.isNull) == [text != "a:", false])
    }

    @Test func `an alias stands for what was last named so`() throws {
        let node = try #require(try YAMLComposer.compose("- &x a\n- *x\n- &x [b]\n- *x\n"))
        #expect(outline(node) == "[a@1 a@1 [b@3]@3 [b@3]@3]@1")
    }

    @Test func `aliases of aliases take no more than they are long`() throws {
        let levels = (1...60).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1)]" }
        let node = try YAMLComposer.compose((["a0: &a0 x"] + levels).joined(separator: "\n"))
        guard case .mapping(let pairs) = node?.content else { return #expect(Bool(false)) }
        #expect(pairs.count == 61)
    }

    @Test(arguments: [
        ("a: *x", YAMLError.undefinedAlias(line: 1)), ("a: &x [*x]", .undefinedAlias(line: 1)),
        ("a: 1\n---\nb: 2", .secondDocument(line: 2)), ("a\n...\n---\nb", .secondDocument(line: 3)),
        (
            "a: 1\nb: 2\na: 3\nb: 4\na: 5",
            .duplicateKeys([.init(key: "a", lines: [1, 3, 5]), .init(key: "b", lines: [2, 4])])
        ),
        ("x:\n  a: 1\n  'a': 2\na: 3\nx: 4", .duplicateKeys([.init(key: "a", lines: [2, 3])])),
        ("a: \u{1}", .character("control characters are not allowed", offset: 3)),
        ("é: \u{1}", .character("control characters are not allowed", offset: 4)),
        (
            "a:\n  - b\n c",
            .syntax(
                "did not find expected key",
                line: 3,
                context: .init(text: "while parsing a block mapping", line: 1)
            )
        ),
        (String(repeating: "[", count: 1000), .tooDeep(line: 1)),
        (String(repeating: "- ", count: 1000) + "a", .tooDeep(line: 1)),
    ])
    func `what cannot be read is an error with its place`(text: String, expected: YAMLError) {
        #expect(failure(text) == expected)
    }

    @Test func `the deepest nesting is deep enough`() throws {
        let depth = YAMLComposer.deepestNesting
        let text = String(repeating: "[", count: depth) + "a" + String(repeating: "]", count: depth)
        #expect(try YAMLComposer.compose(text) != nil)
        #expect(failure("[" + text + "]") == .tooDeep(line: 1))
    }
}
