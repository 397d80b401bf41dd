import HTTPEndpoints
import HTTPEndpointsTesting
import Testing

/// What is sent.
private struct Order: JSONBody, SchemaDescribed, Equatable {
    var name: String
    var copies: [Int]
    var note: String?

    static let memberBounds: [String: ValueBounds] = [
        "name": ValueBounds("Who orders.", minLength: 1),
        "copies": ValueBounds(maxItems: 2, items: ValueBounds(minimum: 1)),
    ]
}

@Suite("Bodies of requests")
struct BodyTests {
    private let whole = EndpointsClient([
        Endpoint(.post, "/orders", status: .created, parameters: .body(Order.self)) { _, order in order }
    ])
    private let members = EndpointsClient([
        Endpoint(
            .post,
            "/",
            parameters: Parameter.body("name", .string(1...3)),
            Parameter.body("age", .integer(0...150), default: 7),
            Parameter.query("loud", .boolean, default: false)
        ) { _, name, age, loud in "\(name) \(age) \(loud)" }
    ])

    @Test("a whole body is read as its type, and written as it")
    func wholeBody() async throws {
        let order = Order(name: "a", copies: [1, 2], note: nil)
        let answer = try await whole.send(.post, "/orders", json: order)
        #expect(answer.status == .created)
        #expect(answer.field("Content-Type") == "application/json")
        #expect(try answer.decoded() == order)
    }

    @Test("all that is wrong with a whole body is told at once, where it is")
    func wholeBodyIssues() async throws {
        let answer = try await whole.send(.post, "/orders", body: #"{"name":"","copies":[0,"x",1]}"#)
        #expect(answer.status == .unprocessableContent)
        #expect(
            Set(try answer.issues) == [
                #"string_too_short ["body","name"]"#, #"too_long ["body","copies"]"#,
                #"greater_than_equal ["body","copies",0]"#, #"int_type ["body","copies",1]"#,
            ]
        )
        #expect(try await whole.send(.post, "/orders", body: "").issues == [#"missing ["body"]"#])
        #expect(try await whole.send(.post, "/orders").issues == [#"missing ["body"]"#])
        let cut = try await whole.send(.post, "/orders", body: #"{"name""#)
        #expect(try cut.issues.first?.hasPrefix("json_invalid") == true)
    }

    @Test("a whole body may be a list, or an object by names")
    func lists() async throws {
        let client = EndpointsClient([
            Endpoint(.post, "/list", parameters: .body([Order].self)) { _, orders in orders },
            Endpoint(.post, "/object", parameters: .body([String: Int].self)) { _, counts in counts },
        ])
        let orders = [Order(name: "a", copies: []), Order(name: "b", copies: [1])]
        #expect(try await client.send(.post, "/list", json: orders).decoded() == orders)
        let wrong = try await client.send(.post, "/list", body: #"[{"name":"","copies":[]}]"#)
        #expect(try wrong.issues == [#"string_too_short ["body",0,"name"]"#])
        #expect(try await client.send(.post, "/object", json: ["a": 1]).text == #"{"a":1}"#)
        #expect(try await client.send(.post, "/object", body: #"{"a":"b"}"#).issues == [#"int_type ["body","a"]"#])
    }

    @Test("members of a body are asked for, have defaults, and stand beside other parameters")
    func bodyMembers() async throws {
        #expect(try await members.send(.post, "/?loud=true", body: #"{"name":"a","age":3}"#).text == "a 3 true")
        #expect(try await members.send(.post, "/", body: #"{"name":"a"}"#).text == "a 7 false")
        let wrong = try await members.send(.post, "/?loud=x", body: #"{"age":"3"}"#)
        #expect(
            Set(try wrong.issues) == [
                #"missing ["body","name"]"#, #"int_type ["body","age"]"#, #"bool_type ["query","loud"]"#,
            ]
        )
        #expect(try await members.send(.post, "/", body: "[]").issues == [#"model_attributes_type ["body"]"#])
    }

    @Test("a form is refused with 415, and JSON by another name is not")
    func mediaTypes() async throws {
        let body = #"{"name":"a"}"#
        for (type, status) in [
            ("application/x-www-form-urlencoded", 415), ("text/plain", 415), ("multipart/form-data; boundary=x", 415),
            ("application/json; charset=utf-8", 200), ("Application/JSON", 200), ("application/problem+json", 200),
        ] {
            let answer = try await members.send(.post, "/", fields: [("Content-Type", type)], body: body)
            #expect(answer.status.code == status, "\(type)")
        }
    }

    /// A type whose own reading fails for a reason that is not in the body.
    struct Failing: JSONBody {
        struct Unready: Error {}

        init(from decoder: any Decoder) throws { throw Unready() }
        func encode(to encoder: any Encoder) throws {}
    }

    @Test("what a type throws that no body can mend reaches the journal as it is")
    func failing() async throws {
        let client = EndpointsClient([Endpoint(.post, "/", parameters: .body(Failing.self)) { _, _ in NoContent() }])
        await #expect(throws: Failing.Unready.self) { try await client.send(.post, "/", body: "{}") }
    }

    @Test("the document has the body, and the schema of its type")
    func document() async throws {
        let document = try JSON(parsing: try await whole.send(.get, "/openapi.json").body)
        let operation = document["paths"]?["/orders"]?["post"]
        #expect(operation?["operationId"] == "postOrders")
        #expect(operation?["requestBody"]?["required"] == true)
        let reference = operation?["requestBody"]?["content"]?["application/json"]?["schema"]?["$ref"]
        #expect(reference == "#/components/schemas/Order")
        let order = document["components"]?["schemas"]?["Order"]
        #expect(order?["required"] == ["name", "copies"])
        #expect(order?["properties"]?["name"]?["minLength"] == 1)
        #expect(order?["properties"]?["name"]?["description"] == "Who orders.")
        #expect(order?["properties"]?["copies"]?["items"]?["minimum"] == 1)
        let own = try JSON(parsing: try await members.send(.get, "/openapi.json").body)
        let schema = own["paths"]?["/"]?["post"]?["requestBody"]?["content"]?["application/json"]?["schema"]
        #expect(schema?["required"] == ["name"])
        #expect(schema?["properties"]?["age"]?["default"] == 7)
    }
}
