import Testing

@testable import HTTPEndpoints

/// A type that tests can be given.
typealias ReadableType = Decodable & SendableMetatype

@Suite("Schemas of types")
struct SchemaDerivationTests {
    private enum Size: String, Codable, CaseIterable { case small, large }
    private enum Level: Int, Codable, CaseIterable { case low = 1, high }
    private struct Code: RawRepresentable, Codable { var rawValue: String }

    private struct Item: Codable, SchemaDescribed {
        var code: Code
        var size: Size
        var spare: Size?
        var tags: [String]?
        var count: UInt8
        var price: Double = 0

        static let memberBounds: [String: ValueBounds] = [
            "code": ValueBounds("What it is.", minLength: 1, maxLength: 8),
            "tags": ValueBounds(maxItems: 3, items: ValueBounds(maxLength: 5)),
            "count": ValueBounds(minimum: 1, maximum: 1_000),
            "spare": ValueBounds("Its other size."),
        ]
    }

    private final class Node: Codable {
        var value: Int?
        var next: Node?
        var children: [Node]
        var named: [String: Node]
    }

    private struct Both<A: Codable, B: Codable>: Codable {
        var a: A
        var b: B
    }

    private func text(_ schema: JSON) -> String { String(decoding: schema.bytes, as: UTF8.self) }

    /// A derivation that says all.
    private func whole<T: Decodable>(_ type: T.Type) -> Schema {
        let (schema, problems) = Schema.of(type)
        #expect(problems.isEmpty)
        return schema
    }

    @Test(
        "types of one value are told by their kinds and ranges",
        arguments: [
            (Bool.self, #"{"type":"boolean"}"#), (String.self, #"{"type":"string"}"#),
            (Double.self, #"{"type":"number"}"#), (Float.self, #"{"type":"number"}"#),
            (Int.self, #"{"type":"integer","format":"int64"}"#),
            (UInt.self, #"{"type":"integer","format":"int64","minimum":0}"#),
            (Int8.self, #"{"type":"integer","format":"int32","minimum":-128,"maximum":127}"#),
            (UInt32.self, #"{"type":"integer","format":"int64","minimum":0,"maximum":4294967295}"#),
            (Code.self, #"{"type":"string"}"#), (Int?.self, #"{"type":["integer","null"],"format":"int64"}"#),
            (Int??.self, #"{"type":["integer","null"],"format":"int64"}"#),
            ([String?].self, #"{"type":"array","items":{"type":["string","null"]}}"#),
            (Set<Bool>.self, #"{"type":"array","items":{"type":"boolean"}}"#),
            ([String: Double].self, #"{"type":"object","additionalProperties":{"type":"number"}}"#),
            (ClosedRange<Int>.self, #"{"type":"array","items":{"type":"integer","format":"int64"}}"#),
        ] as [(any ReadableType.Type, String)]
    )
    func values(type: any ReadableType.Type, wanted: String) {
        let schema = whole(type)
        #expect(schema.name == nil && schema.parts.isEmpty)
        #expect(text(schema.definition) == wanted)
    }

    @Test("an object has its members in order, with what is said of them")
    func object() {
        let schema = whole(Item.self)
        #expect(schema.name == "SchemaDerivationTests.Item")
        let size = ##"{"$ref":"#/components/schemas/SchemaDerivationTests.Size"}"##
        let wanted =
            #"{"type":"object","properties":{"#
            + #""code":{"type":"string","minLength":1,"maxLength":8,"description":"What it is."},"#
            + #""size":\#(size),"spare":{"anyOf":[\#(size),{"type":"null"}],"description":"Its other size."},"#
            + #""tags":{"type":["array","null"],"items":{"type":"string","maxLength":5},"maxItems":3},"#
            + #""count":{"type":"integer","format":"int32","minimum":1,"maximum":255},"price":{"type":"number"}},"#
            + #""required":["code","size","count","price"]}"#
        #expect(text(schema.definition) == wanted)
        #expect(schema.parts.map(\.name) == ["SchemaDerivationTests.Size"])
        #expect(text(schema.parts[0].definition) == #"{"type":"string","enum":["small","large"]}"#)
        #expect(text(whole(Level.self).definition) == #"{"type":"integer","enum":[1,2]}"#)
    }

    @Test("a type within itself is referred to, and each type is told once")
    func recursion() {
        struct Forest: Codable {
            var first: Node
            var second: Node
            var trees: [Node]
        }
        let node = whole(Node.self)
        let reference = ##"{"$ref":"#/components/schemas/SchemaDerivationTests.Node"}"##
        #expect(node.parts.isEmpty)
        #expect(
            text(node.definition)
                == #"{"type":"object","properties":{"value":{"type":["integer","null"],"format":"int64"},"#
                + #""next":{"anyOf":[\#(reference),{"type":"null"}]},"children":{"type":"array","items":\#(reference)},"#
                + #""named":{"type":"object","additionalProperties":\#(reference)}},"required":["children","named"]}"#
        )
        let forest = whole(Forest.self)
        #expect(forest.name == "SchemaDerivationTests.Forest")
        #expect(forest.parts.map(\.name) == ["SchemaDerivationTests.Node"])
        #expect(text(forest.definition["properties"]?["first"] ?? .null) == reference)
    }

    @Test("types that have one name are told apart, and generic ones by what they are of")
    func names() {
        struct Page<Of: Codable>: Codable { var of: Of }
        func other() -> any Codable.Type {
            struct Page: Codable { var b: Int }
            return Page.self
        }
        func one() -> any Codable.Type {
            struct Page: Codable { var b: Bool }
            return Page.self
        }
        #expect(whole(Page<Item>.self).name == "SchemaDerivationTests.Page_SchemaDerivationTests.Item")
        #expect(whole(Page<[Int]>.self).name == "SchemaDerivationTests.Page_Array_Int")
        func pair<A: Codable, B: Codable>(_: A.Type, _: B.Type) -> [String?] {
            whole(Both<A, B>.self).parts.map(\.name)
        }
        func open<A: Codable>(_ a: A.Type) -> [String?] {
            func inner<B: Codable>(_ b: B.Type) -> [String?] { pair(a, b) }
            return inner(one())
        }
        #expect(open(other()) == ["SchemaDerivationTests.Page", "SchemaDerivationTests.Page2"])
    }

    @Test("containers that a type opens itself are told, and members that it looks for before it asks")
    func containers() {
        struct Place: Decodable {
            private enum Keys: CodingKey { case at, list, maybe, null }
            init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: Keys.self)
                let at = try container.nestedContainer(keyedBy: Keys.self, forKey: .at)
                _ = try at.decode(Int.self, forKey: .list)
                var list = try container.nestedUnkeyedContainer(forKey: .list)
                while !list.isAtEnd { _ = try list.decode(Bool.self) }
                if container.contains(.maybe) { _ = try container.decode(String.self, forKey: .maybe) }
                if try !container.decodeNil(forKey: .null) { _ = try container.decode(String.self, forKey: .null) }
            }
        }
        #expect(
            text(whole(Place.self).definition)
                == #"{"type":"object","properties":{"at":{"type":"object","properties":"#
                + #"{"list":{"type":"integer","format":"int64"}},"required":["list"]},"#
                + #""list":{"type":"array","items":{"type":"boolean"}},"maybe":{"type":"string"},"#
                + #""null":{"type":["string","null"]}},"required":["at","list","null"]}"#
        )
    }

    @Test("what cannot be known is said, and allows anything")
    func unknowable() {
        enum Mood: String, Codable { case good, bad }
        enum Shape: Codable { case circle(radius: Int) }
        struct Endless: Decodable {
            init(from decoder: any Decoder) throws {
                var list = try decoder.unkeyedContainer()
                while true { _ = try list.decode(Int.self) }
            }
        }
        final class Deeper<T>: Decodable {
            var next: Deeper<[T]>?
        }
        struct Person: Codable {
            var mood: Mood
        }
        struct Crowd: Codable {
            var moods: [Mood]
            var shape: Shape?
        }
        func check<T: Decodable>(_ type: T.Type, _ word: String) {
            let (schema, problems) = Schema.of(type)
            #expect(schema.definition == .object([]) && schema.name == nil)
            #expect(problems.count == 1 && problems[0].contains(word), "\(problems)")
        }
        check(Mood.self, "Mood refuses a placeholder")
        check(Shape.self, "Shape")
        check(Endless.self, "no end")
        check(Person.self, "Person: Mood refuses")
        let (crowd, problems) = Schema.of(Crowd.self)
        #expect(
            text(crowd.definition)
                == #"{"type":"object","properties":{"moods":{"type":"array","items":{}},"shape":{}},"required":["moods"]}"#
        )
        #expect(problems.count == 2)
        #expect(Schema.of(Deeper<Int>.self).problems.count == 1)
    }

    @Test("bounds that cannot be meant are said")
    func misfits() {
        struct Wrong: Codable, SchemaDescribed {
            var name: String
            static let memberBounds = ["name": ValueBounds(minimum: 1, items: ValueBounds()), "nmae": ValueBounds()]
        }
        #expect(
            Schema.of(Wrong.self).problems == [
                "Wrong: minimum does not fit the type of name", "Wrong: items does not fit the type of name",
                "Wrong: there is no member nmae",
            ]
        )
    }

    @Test("a type with rules of its own is known where a placeholder within its bounds keeps them")
    func rules() {
        struct Named: Codable, SchemaDescribed {
            var name: String
            var age: Int
            static let memberBounds = ["name": ValueBounds(minLength: 1), "age": ValueBounds(minimum: 18)]
            init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: CodingKeys.self)
                name = try container.decode(String.self, forKey: .name)
                age = try container.decode(Int.self, forKey: .age)
                if name.isEmpty || age < 18 { throw CancellationError() }
            }
        }
        #expect(whole(Named.self).name == "SchemaDerivationTests.Named")
    }
}
