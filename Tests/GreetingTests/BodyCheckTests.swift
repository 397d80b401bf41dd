import Testing

@testable import HTTPEndpoints

@Suite("Bodies")
struct BodyCheckTests {
    private enum Size: String, Codable, CaseIterable { case small, medium, large }

    private struct Item: Codable, SchemaDescribed {
        var name: String
        var count: Int
        static let memberBounds = ["name": ValueBounds(minLength: 1, maxLength: 3)]
    }

    private struct Order: Codable, SchemaDescribed {
        var id: Int?
        var small: UInt8?
        var size: Size?
        var price: Double?
        var isPaid: Bool?
        var items: [Item]?
        var tags: [String]?
        var counts: [String: Int]?
        var parent: [Order]?

        static let memberBounds: [String: ValueBounds] = [
            "price": ValueBounds(minimum: 0.5, maximum: 10),
            "tags": ValueBounds(minItems: 1, maxItems: 2, items: ValueBounds(maxLength: 2)),
        ]
    }

    /// A value that only its type can judge.
    private struct Even: Codable {
        struct Odd: Error {}
        var number: Int

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            number = try container.decode(Int.self)
            if number == 13 { throw Odd() }
            guard number % 2 == 0 else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "It is odd")
            }
        }
    }

    private let schema = Schema.of(Order.self).schema

    /// `type@loc` of each issue, in order.
    private func issues(_ text: String) throws -> [String] {
        try JSON(parsing: Array(text.utf8)).issues(against: schema, at: ["body"]).map { issue in
            "\(issue.type.rawValue)@\(String(decoding: issue.location.json.bytes, as: UTF8.self))"
        }
    }

    /// The issues of a body as they are answered.
    private func answer<T: Codable & Sendable>(_ text: String, _ type: T.Type, schema: Schema? = nil) throws -> String {
        let schema = schema ?? Schema.of(type).schema
        guard case .invalid(let issues) = try BodyReading.read(Array(text.utf8), as: type, schema: schema) else {
            return "valid"
        }
        return issues.map { String(decoding: $0.json.bytes, as: UTF8.self) }.joined(separator: "\n")
    }

    @Test(
        "each kind of value has its issue, at its place",
        arguments: [
            ("{}", ""), (#"{"id":null,"tags":null,"size":null,"parent":null,"unknown":[1]}"#, ""),
            ("[]", #"model_attributes_type@["body"]"#), ("null", #"model_attributes_type@["body"]"#),
            (#"{"id":"1"}"#, #"int_type@["body","id"]"#), (#"{"id":true}"#, #"int_type@["body","id"]"#),
            (#"{"id":1.5}"#, #"int_from_float@["body","id"]"#), (#"{"id":1.0}"#, ""),
            (#"{"id":1e30}"#, #"less_than_equal@["body","id"]"#),
            (#"{"id":-1e30}"#, #"greater_than_equal@["body","id"]"#),
            (#"{"small":-1}"#, #"greater_than_equal@["body","small"]"#),
            (#"{"small":256}"#, #"less_than_equal@["body","small"]"#), (#"{"small":255}"#, ""),
            (#"{"size":"huge"}"#, #"enum@["body","size"]"#), (#"{"size":1}"#, #"enum@["body","size"]"#),
            (#"{"size":"large"}"#, ""), (#"{"price":"1"}"#, #"float_type@["body","price"]"#),
            (#"{"price":0}"#, #"greater_than_equal@["body","price"]"#), (#"{"price":0.5}"#, ""),
            (#"{"price":10.5}"#, #"less_than_equal@["body","price"]"#),
            (#"{"isPaid":1}"#, #"bool_type@["body","isPaid"]"#),
            (#"{"tags":{}}"#, #"list_type@["body","tags"]"#), (#"{"tags":[]}"#, #"too_short@["body","tags"]"#),
            (#"{"tags":["","é🇩","abc"]}"#, #"too_long@["body","tags"] string_too_long@["body","tags",2]"#),
            (#"{"tags":[1,null]}"#, #"string_type@["body","tags",0] string_type@["body","tags",1]"#),
            (#"{"counts":[]}"#, #"dict_type@["body","counts"]"#),
            (#"{"counts":{"a":1,"b":"2"}}"#, #"int_type@["body","counts","b"]"#),
            (
                #"{"items":[{"name":""},3]}"#,
                #"string_too_short@["body","items",0,"name"] missing@["body","items",0,"count"] "#
                    + #"model_attributes_type@["body","items",1]"#
            ),
            (#"{"parent":[{"parent":[{"id":""}]}]}"#, #"int_type@["body","parent",0,"parent",0,"id"]"#),
        ]
    )
    func kinds(text: String, wanted: String) throws { #expect(try issues(text).joined(separator: " ") == wanted) }

    @Test("the issues say what pydantic says")
    func messages() throws {
        let text = #"{"size":"huge","id":1.5,"small":300,"price":0,"tags":[],"items":[{"name":"abcd"}],"counts":1}"#
        let wanted = """
            {"type":"int_from_float","loc":["body","id"],"msg":"Input should be a valid integer, got a number with a \
            fractional part","input":1.5}
            {"type":"less_than_equal","loc":["body","small"],"msg":"Input should be less than or equal to 255","input":300}
            {"type":"enum","loc":["body","size"],"msg":"Input should be 'small', 'medium' or 'large'","input":"huge"}
            {"type":"greater_than_equal","loc":["body","price"],"msg":"Input should be greater than or equal to 0.5",\
            "input":0}
            {"type":"string_too_long","loc":["body","items",0,"name"],"msg":"String should have at most 3 characters",\
            "input":"abcd"}
            {"type":"missing","loc":["body","items",0,"count"],"msg":"Field required","input":{"name":"abcd"}}
            {"type":"too_short","loc":["body","tags"],"msg":"List should have at least 1 item after validation, not 0",\
            "input":[]}
            {"type":"dict_type","loc":["body","counts"],"msg":"Input should be a valid dictionary","input":1}
            """
        #expect(try answer(text, Order.self) == wanted)
    }

    @Test("there are a hundred issues at most, and they do not multiply what was sent")
    func bounds() throws {
        let list = "[\(Array(repeating: "0", count: 10_000).joined(separator: ","))]"
        #expect(try issues(#"{"tags":\#(list)}"#).count == 100)
        let long = String(repeating: "x", count: 100_000)
        let name = String(repeating: "x", count: 1_024)
        let items = Array(repeating: #"{"\#(name)":0}"#, count: 3).joined(separator: ",")
        let text = #"{"items":[\#(items)],"counts":{"\#(name)":"\#(long)"},"tags":\#(list)}"#
        #expect(try answer(text, Order.self).utf8.count < 30_000)
        #expect(try answer(#"{"counts":{"\#(name)":"\#(long)"}}"#, Order.self).utf8.count < 1_000)
    }

    @Test("what is valid is a value")
    func value() throws {
        let text = #"{"id":7,"items":[{"name":"a","count":1}],"size":"large","counts":{"a":1},"more":{}}"#
        guard case .value(let order) = try BodyReading.read(Array(text.utf8), as: Order.self, schema: schema) else {
            Issue.record("The body is not valid.")
            return
        }
        #expect(order.id == 7 && order.items?[0].count == 1 && order.size == .large && order.counts == ["a": 1])
    }

    @Test("no body, and one that is not JSON, are one issue each")
    func syntax() throws {
        #expect(
            try answer("", Order.self) == #"{"type":"missing","loc":["body"],"msg":"Field required","input":null}"#
        )
        #expect(
            try answer(#"{"id":}"#, Order.self)
                == #"{"type":"json_invalid","loc":["body",6],"msg":"JSON decode error","input":{},"#
                + #""ctx":{"error":"a value is expected"}}"#
        )
    }

    @Test("a type's own verdict is an issue at its place; what it throws otherwise is thrown")
    func verdicts() throws {
        #expect(
            try answer(#"{"a":[2,3]}"#, [String: [Even]].self)
                == #"{"type":"value_error","loc":["body","a",1],"msg":"Value error, It is odd","input":3}"#
        )
        #expect(throws: Even.Odd.self) { try answer("[13]", [Even].self) }
    }

    @Test("a body is told what is wrong by its type where the schema does not know")
    func withoutSchema() throws {
        let anything = Schema(definition: .object([]))
        func type(_ text: String) throws -> [Substring] {
            try answer(text, [Item].self, schema: anything).split(separator: #""msg""#).prefix(1).map { $0 }
        }
        #expect(try type("{}") == [#"{"type":"list_type","loc":["body"],"#])
        #expect(try type("[1]") == [#"{"type":"model_attributes_type","loc":["body",0],"#])
        #expect(try type(#"[{"name":"a"}]"#) == [#"{"type":"missing","loc":["body",0,"count"],"#])
        #expect(try type(#"[{"name":null}]"#) == [#"{"type":"string_type","loc":["body",0,"name"],"#])
        #expect(try type(#"[{"name":"","count":0.5}]"#) == [#"{"type":"value_error","loc":["body",0,"count"],"#])
    }
}
