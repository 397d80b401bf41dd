import HTTPEndpointsTesting
import HTTPTypes
import Testing

@testable import Greeting
@testable import HTTPEndpoints
@testable import HTTPServer

@Suite("Greetings by name, and what is wrong with them")
struct ValidationTests {
    private let service = GreetingService(settings: GreetingService.Settings(delay: .milliseconds(250)))
    private let clock = InstantClock()

    private func respond(_ path: String) async throws -> Response {
        try await service.respond(to: request("GET \(path)", clock: clock))
    }

    /// `type@loc` of each issue, in order.
    private func issues(_ path: String) async throws -> [String] {
        let response = try await respond(path)
        #expect(response.status.code == 422)
        return response.text.split(separator: #"{"type":""#).dropFirst().map { issue in
            let type = issue.prefix { $0 != "\"" }
            let location = issue.split(separator: #""loc":["#)[1].prefix { $0 != "]" }.filter { $0 != "\"" }
            return "\(type)@\(location)"
        }
    }

    @Test(
        "a name is decoded once, and written so that it is the same when it is read",
        arguments: [
            ("Ada", "Ada"), ("J%C3%BCrgen", "Jürgen"), ("a%2Fb", "a/b"), ("%2541", "%41"), ("a+b", "a+b"),
            ("%22%5C", #"\"\\"#), ("%F0%9F%91%8B", "👋"), ("%E2%80%A8", "\u{2028}"), ("...", "..."), (".a", ".a"),
            ("..a", "..a"), ("a..", "a.."), ("%2E%2E%2E", "..."),
        ]
    )
    func names(sent: String, written: String) async throws {
        let response = try await respond("/hello/\(sent)")
        #expect(response.status == .ok)
        #expect(response.text == #"{"Hello":"\#(written)"}"#)
        #expect(response.route == "/hello/{name}")
        #expect(clock.waits == [.milliseconds(250)])
    }

    @Test("the length of a name is counted in Unicode scalars")
    func lengths() async throws {
        let scalar = "%F0%9F%91%8B"
        #expect(try await respond("/hello/" + String(repeating: scalar, count: 64)).status == .ok)
        #expect(try await issues("/hello/" + String(repeating: scalar, count: 65)) == ["string_too_long@path,name"])
        #expect(try await respond("/hello/").status == .notFound)
    }

    @Test(
        "octets that are not UTF-8, and control characters, are no name",
        arguments: [
            ("%FF", "string_unicode"), ("%C3", "string_unicode"), ("%C0%AF", "string_unicode"),
            ("%ED%A0%80", "string_unicode"), ("%F4%90%80%80", "string_unicode"), ("%00", "string_pattern_mismatch"),
            ("a%0A", "string_pattern_mismatch"), ("%7F", "string_pattern_mismatch"),
            ("%C2%9F", "string_pattern_mismatch"), (".", "string_pattern_mismatch"), ("..", "string_pattern_mismatch"),
            ("%2e", "string_pattern_mismatch"), (".%2E", "string_pattern_mismatch"),
            ("..%0A", "string_pattern_mismatch"),
        ]
    )
    func noNames(sent: String, type: String) async throws {
        #expect(try await issues("/hello/\(sent)") == ["\(type)@path,name"])
    }

    @Test(
        "a delay is a decimal number of seconds",
        arguments: [
            ("0", Duration.zero), ("10", .seconds(10)), ("0.25", .milliseconds(250)), ("1e0", .seconds(1)),
            ("1e%2B0", .seconds(1)), ("-0", .zero), ("0.50", .milliseconds(500)), ("%31", .seconds(1)),
            ("1E-3", .milliseconds(1)),
        ]
    )
    func delays(text: String, delay: Duration) async throws {
        #expect(try await respond("/hello/a?delay=\(text)").status == .ok)
        #expect(clock.waits == (delay == .zero ? [] : [delay]))
    }

    @Test(
        "what is no such number is refused",
        arguments: [
            ("", "float_parsing"), ("soon", "float_parsing"), ("1s", "float_parsing"), ("0x1", "float_parsing"),
            ("1_0", "float_parsing"), ("%201", "float_parsing"), ("+1", "float_parsing"), ("1,5", "float_parsing"),
            ("00", "float_parsing"), (".5", "float_parsing"), ("5.", "float_parsing"), ("00.5", "float_parsing"),
            ("-", "float_parsing"), ("1e", "float_parsing"), ("1+", "float_parsing"), ("1%0A", "float_parsing"),
            ("%22%22", "float_parsing"), ("1.e1", "float_parsing"), ("0e", "float_parsing"), ("-00", "float_parsing"),
            ("%D9%A1", "float_parsing"), ("e1", "float_parsing"), ("nan", "finite_number"), ("-inf", "finite_number"),
            ("Infinity", "finite_number"), ("1e999", "less_than_equal"), ("10.0001", "less_than_equal"),
            ("-0.001", "greater_than_equal"), ("-1e999", "greater_than_equal"), ("%FF", "string_unicode"),
        ]
    )
    func noDelays(text: String, type: String) async throws {
        #expect(try await issues("/hello/a?delay=\(text)") == ["\(type)@query,delay"])
        #expect(clock.waits.isEmpty)
    }

    @Test("all that is wrong is told at once, and nothing is waited for")
    func allAtOnce() async throws {
        #expect(
            try await issues("/hello/%00?delay=11") == [
                "string_pattern_mismatch@path,name", "less_than_equal@query,delay",
            ]
        )
        #expect(clock.waits.isEmpty)
    }

    @Test("a repeated parameter is refused, an unknown one ignored")
    func repeated() async throws {
        let response = try await respond("/hello/a?delay=0&%64elay=1")
        #expect(response.status.code == 422)
        #expect(response.text.contains(#""type":"repeated""#) && response.text.contains(#""input":["0","1"]"#))
        #expect(try await respond("/hello/a?other=1&other=2&%FF=3&&=&delay=0").status == .ok)
    }

    @Test(
        "a parameter is found by its decoded name wherever it stands",
        arguments: [
            ("delay=1", ["1"]), ("a&delay=1&b", ["1"]), ("%64%65lay=%31", ["%31"]), ("delay", [""]), ("delay=", [""]),
            ("delay==1", ["=1"]), ("delay=1&delay=2", ["1", "2"]), ("&&delay=1&&", ["1"]), ("delay%3D=1", []),
            ("delays=1", []), ("dela=1", []), ("xdelay=1", []), ("Delay=1", []), ("delay%", []), ("", []),
            ("=delay", []),
            ("delay+=1", []), ("a=delay=1", []),
        ]
    )
    func found(query: String, values: [String]) {
        #expect(RequestInput(path: [:], query: query).values(of: "delay") == values)
        #expect(RequestInput(path: [:], query: query + "&" + query).values(of: "delay") == values + values)
    }

    @Test("a path of more parts than any route has is none")
    func manyParts() async throws {
        #expect(try await respond("/hello/a/b").status == .notFound)
        #expect(try await respond("/hello/" + String(repeating: "a/", count: 2000)).status == .notFound)
        #expect(try await respond("/hello/a").status == .ok)
    }

    @Test("a message is byte for byte what FastAPI's users know")
    func message() async throws {
        let issue = #"{"type":"less_than_equal","loc":["query","delay"],"#
        let text = #""msg":"Input should be less than or equal to 10","input":"11"}"#
        #expect(try await respond("/hello/a?delay=11").text == #"{"detail":[\#(issue)\#(text)]}"#)
    }

    @Test("bounds follow the settings")
    func bounds() async throws {
        service.update(GreetingService.Settings(delay: .zero, maximumDelay: .milliseconds(500)))
        #expect(try await issues("/hello/a?delay=0.6") == ["less_than_equal@query,delay"])
    }

    @Test(
        "a path is the same however it is encoded",
        arguments: ["/%68ealthz", "/healt%68z", "/%68%65%61%6C%74%68%7a"]
    )
    func encodedPaths(path: String) async throws {
        let response = try await respond(path)
        #expect(response.status == .ok)
        #expect(response.route == "/healthz")
        #expect(try await respond("/%68ello/a").text == #"{"Hello":"a"}"#)
    }

    @Test("metrics are on the administrators' listener alone")
    func metrics() async throws {
        let service = GreetingService(settings: .init(), metrics: { "a 1\n" })
        for method in ["GET", "OPTIONS", "POST"] {
            #expect(try await service.respond(to: request("\(method) /metrics")).status == .notFound)
        }
        let response = try await service.respond(to: request("GET /metrics", listener: "admin"))
        #expect(response.text == "a 1\n")
    }

    @Test("a body is read at once, a long one away from the event loop, and both come to the same")
    func bodies() async throws {
        for length in [0, 200_000] {
            let filler = String(repeating: " ", count: length)
            let good = try request("POST /hello", content: #"{"name":"a","delay":0.5}"# + filler)
            let bad = try request("POST /hello", content: #"{"name":"","delay":"x"}"# + filler)
            if case .later = service.reply(to: good) { #expect(length > 0) } else { #expect(length == 0) }
            #expect(try await service.respond(to: good).text == #"{"Hello":"a"}"#)
            let answer = try await service.respond(to: bad)
            #expect(answer.status == .unprocessableContent)
            for place in [#"["body","name"]"#, #"["body","delay"]"#] { #expect(answer.text.contains(place)) }
        }
    }

    @Test("what is wrong with a body is not echoed at its length, however long it is")
    func echoes() async throws {
        let long = String(repeating: "x", count: 60_000)
        for content in [#"{"name":"\#(long)"}"#, #"{"other":"\#(long)"}"#, #"{"name":["\#(long)"]}"#] {
            let answer = try await service.respond(to: request("POST /hello", content: content))
            #expect(answer.status == .unprocessableContent && answer.body.count < 1_000, "\(answer.body.count)")
        }
    }
}
