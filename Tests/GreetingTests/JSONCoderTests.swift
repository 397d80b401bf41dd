import Testing

@testable import HTTPEndpoints

@Suite("Types as JSON")
struct JSONCoderTests {
    private struct Item: Codable, Equatable {
        var name: String
        var price: Double
        var ratio: Float = 1.1
        var note: String?
        var tags: Set<String> = ["a"]
    }

    private enum Event: Codable, Equatable {
        case moved(x: Int, y: Int)
        case stopped
    }

    private struct Order: Codable, Equatable {
        var items: [Item]
        var counts: [String: UInt8]
        var byNumber: [Int: Bool] = [7: true]
        var events: [Event]
        var grid: [[Int?]]
        var wait: Duration
        var range: ClosedRange<Int>
    }

    private class Animal: Codable {
        var name = "a"
    }

    private final class Dog: Animal {
        var tricks = 2
        private enum CodingKeys: CodingKey { case tricks }
        override init() { super.init() }
        required init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            tricks = try container.decode(Int.self, forKey: .tricks)
            try super.init(from: container.superDecoder())
        }
        override func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(tricks, forKey: .tricks)
            try super.encode(to: container.superEncoder())
        }
    }

    @Test("a value is the same once written and read, also by way of text")
    func roundTrip() throws {
        let order = Order(
            items: [Item(name: "a", price: 0.5), Item(name: "é", price: 2, note: "n")],
            counts: ["x": 255],
            events: [.moved(x: 1, y: -1), .stopped],
            grid: [[1, nil], []],
            wait: .milliseconds(1_500),
            range: 1...3
        )
        let json = try JSON(encoding: order)
        #expect(try json.decoded(as: Order.self) == order)
        #expect(try JSON(parsing: json.bytes).decoded(as: Order.self) == order)
        #expect(try JSON(parsing: json.bytes) == json)
    }

    @Test("members stand in the order in which they are declared, and those that are nil are left out")
    func order() throws {
        let json = try JSON(encoding: [Item(name: "a", price: 0.5)])
        #expect(String(decoding: json.bytes, as: UTF8.self) == #"[{"name":"a","price":0.5,"ratio":1.1,"tags":["a"]}]"#)
    }

    @Test("nested and superclasses' containers are written where they were opened")
    func containers() throws {
        struct Point: Codable, Equatable {
            var x = 1
            private enum Outer: CodingKey { case at, list }
            init() {}
            init(from decoder: any Decoder) throws {
                let outer = try decoder.container(keyedBy: Outer.self)
                var list = try outer.nestedUnkeyedContainer(forKey: .list)
                var inner = try list.nestedUnkeyedContainer()
                x = try inner.decode(Int.self)
                #expect(inner.isAtEnd && list.isAtEnd)
                #expect(try outer.nestedContainer(keyedBy: Outer.self, forKey: .at).contains(.list))
            }
            func encode(to encoder: any Encoder) throws {
                var outer = encoder.container(keyedBy: Outer.self)
                var list = outer.nestedUnkeyedContainer(forKey: .list)
                var at = outer.nestedContainer(keyedBy: Outer.self, forKey: .at)
                var inner = list.nestedUnkeyedContainer()
                try at.encodeNil(forKey: .list)
                try inner.encode(x)
            }
        }
        let json = try JSON(encoding: Point())
        #expect(json == ["list": [[1]], "at": ["list": .null]])
        #expect(try json.decoded(as: Point.self) == Point())
        let dog = try JSON(encoding: Dog())
        #expect(dog == ["tricks": 2, "super": ["name": "a"]])
        #expect(try dog.decoded(as: Dog.self).name == "a")
    }

    @Test("values stand alone, too")
    func fragments() throws {
        #expect(try JSON(encoding: "a") == "a")
        #expect(try JSON(encoding: Int?.none) == .null)
        #expect(try JSON(encoding: [Int]()) == [])
        #expect(try JSON(encoding: [String: Int]()) == .object([]))
        #expect(try JSON.null.decoded(as: Int?.self) == nil)
        #expect(try JSON.integer(3).decoded(as: Double.self) == 3)
    }

    @Test("what JSON does not have is an error")
    func unwritable() {
        for number in [Double.nan, .infinity] {
            #expect(throws: EncodingError.self) { try JSON(encoding: ["a": number]) }
        }
        #expect(throws: EncodingError.self) { try JSON(encoding: [UInt64(Int.max) + 1]) }
        #expect(throws: Never.self) { try JSON(encoding: UInt64(Int.max)) }
    }

    @Test("what does not fit is an error that tells its place")
    func unreadable() throws {
        func path<T: Decodable>(_ text: String, _ type: T.Type) throws -> String {
            do {
                _ = try JSON(parsing: Array(text.utf8)).decoded(as: type)
                return "none"
            } catch let error as DecodingError {
                switch error {
                case .dataCorrupted(let context): return "corrupt " + describe(context.codingPath)
                case .typeMismatch(_, let context): return "mismatch " + describe(context.codingPath)
                case .valueNotFound(_, let context): return "null " + describe(context.codingPath)
                case .keyNotFound(let key, let context): return "missing " + describe(context.codingPath + [key])
                @unknown default: return "unknown"
                }
            }
        }
        func describe(_ path: [any CodingKey]) -> String { path.map(\.stringValue).joined(separator: ".") }
        #expect(try path("[1,256]", [UInt8].self) == "corrupt 1")
        #expect(try path("[-1]", [UInt].self) == "corrupt 0")
        #expect(try path("18446744073709551615", UInt64.self) == "corrupt ")
        #expect(try path("[0.5]", [Int].self) == "corrupt 0")
        #expect(try path("1e300", Float.self) == "corrupt ")
        #expect(try path(#"{"a":["x"]}"#, [String: [Int]].self) == "mismatch a.0")
        #expect(try path(#"{"a":[true]}"#, [String: [Int]].self) == "mismatch a.0")
        #expect(try path(#"{"a":[null]}"#, [String: [Int]].self) == "null a.0")
        #expect(try path(#"[{"name":"a"}]"#, [Item].self) == "missing 0.price")
        #expect(try path("[]", Item.self) == "mismatch ")
        #expect(try path("[1]", ClosedRange<Int>.self) == "null 1")
    }
}
