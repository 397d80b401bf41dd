import HTTPEndpoints
import HTTPEndpointsTesting
import Testing

@Suite("Parameters")
struct ParameterTests {
    enum Colour: String, CaseIterable { case red, green }

    /// Expects a text to be read as a value, or to be refused with a type of issue.
    private func expect<Value>(_ type: ValueType<Value>, _ texts: [(String, String)]) async throws {
        let client = client(Parameter.query("q", type))
        for (text, outcome) in texts {
            let answer = try await client.send(.get, "/?q=\(text)")
            if answer.status == .ok {
                #expect(answer.text == outcome, "\(text)")
            } else {
                #expect(answer.status == .unprocessableContent)
                #expect(try answer.issues == [#"\#(outcome) ["query","q"]"#], "\(text)")
            }
        }
    }

    @Test("a whole number is read within its bounds, both included")
    func integers() async throws {
        try await expect(
            .integer(-1...3),
            [
                ("-1", "-1"), ("3", "3"), ("-2", "greater_than_equal"), ("4", "less_than_equal"),
                ("1.0", "int_parsing"), ("1e0", "int_parsing"), ("x", "float_parsing"), ("", "float_parsing"),
                ("99999999999999999999", "less_than_equal"),
            ]
        )
    }

    @Test("a number is read within its bounds, as JSON writes numbers")
    func numbers() async throws {
        try await expect(
            .number(0.5...2),
            [
                ("0.5", "0.5"), ("2", "2.0"), ("1e0", "1.0"), ("0.49", "greater_than_equal"),
                ("2.01", "less_than_equal"), ("0x1", "float_parsing"), ("nan", "finite_number"),
            ]
        )
    }

    @Test("true and false are read, and nothing else that might mean them")
    func booleans() async throws {
        try await expect(
            .boolean,
            [("true", "true"), ("false", "false"), ("1", "bool_type"), ("True", "bool_type"), ("", "bool_type")]
        )
    }

    @Test("a word of an enumeration is read")
    func choices() async throws {
        try await expect(ValueType<Colour>.choice, [("red", "red"), ("green", "green"), ("blue", "enum")])
    }

    @Test("a text's length is that of its Unicode scalars")
    func strings() async throws {
        try await expect(
            .string(2...3),
            [
                ("ab", "ab"), ("a%2Fb", "a/b"), ("a+b", "a b"), ("%C3%A9%C3%A9%C3%A9", "ééé"),
                ("a", "string_too_short"), ("abcd", "string_too_long"), ("a%FF", "string_unicode"),
            ]
        )
    }

    @Test("a part of the query is asked for, has a default, and is given once")
    func query() async throws {
        let required = client(Parameter.query("q", .integer(0...9)))
        #expect(try await required.send(.get, "/").issues == [#"missing ["query","q"]"#])
        #expect(try await required.send(.get, "/?q=1&q=1").issues == [#"repeated ["query","q"]"#])
        let optional = client(Parameter.query("q", .integer(0...9), default: 7))
        #expect(try await optional.send(.get, "/").text == "7")
        #expect(try await optional.send(.get, "/?q=1").text == "1")
        #expect(try await optional.send(.get, "/?q=1&q=2").issues == [#"repeated ["query","q"]"#])
        let none = client(Parameter.query("q", .optional(.integer(0...9)), default: nil))
        #expect(try await none.send(.get, "/").text == "nil")
        #expect(try await none.send(.get, "/?q=1").text == "Optional(1)")
    }

    @Test("a field is asked for, has a default, is given once, and its name has any case")
    func headers() async throws {
        let required = client(Parameter.header("x-count", .integer(0...9)))
        #expect(try await required.send(.get, "/").issues == [#"missing ["header","x-count"]"#])
        #expect(try await required.send(.get, "/", fields: [("X-Count", "1")]).text == "1")
        let twice = [("X-Count", "1"), ("x-count", "1")]
        #expect(try await required.send(.get, "/", fields: twice).issues == [#"repeated ["header","x-count"]"#])
        let optional = client(Parameter.header("x-count", .integer(0...9), default: 7))
        #expect(try await optional.send(.get, "/").text == "7")
        #expect(try await optional.send(.get, "/", fields: [("X-Count", "x")]).status == .unprocessableContent)
    }

    @Test("a part of the path is decoded by itself, and all that is wrong is told at once")
    func path() async throws {
        let client = EndpointsClient([
            Endpoint(
                .get,
                "/{a}/{b}",
                parameters: Parameter.path("a", .string(1...3)),
                Parameter.path("b", .integer(0...9))
            ) { _, a, b in "\(a) \(b)" }
        ])
        #expect(try await client.send(.get, "/x%2Fy/1").text == "x/y 1")
        let wrong = try await client.send(.get, "/long/10")
        #expect(try wrong.issues == [#"string_too_long ["path","a"]"#, #"less_than_equal ["path","b"]"#])
    }
}
