import HTTPTypes
import Testing

@testable import Greeting
@testable import HTTPEndpoints
@testable import HTTPServer

@Suite("What is declared")
struct DeclarationTests {
    private let endpoints = GreetingService.endpoints

    @Test("every part of a path is a declared parameter, and every declared one is in the path")
    func paths() {
        for endpoint in endpoints {
            let inPath = "\(endpoint.path)".split(separator: "/").filter { $0.hasPrefix("{") }
            let declared = endpoint.parameters.filter { $0.location == .path }.map { "{\($0.name)}" }
            #expect(inPath.map(String.init) == declared, "\(endpoint.path)")
        }
        #expect(Set(endpoints.map(\.name)).count == endpoints.count)
        #expect(GreetingService(settings: .init()).routes == endpoints.map { "\($0.path)" })
    }

    @Test("every endpoint is in the document, with its answers and what any request can get")
    func document() throws {
        let document = String(decoding: OpenAPIDocument(endpoints: endpoints, Hello.description).content, as: UTF8.self)
        #expect(JSONText.isValid(Array(document.utf8)))
        for endpoint in endpoints {
            #expect(document.contains("\"\(endpoint.path)\":{\"\(endpoint.method.rawValue.lowercased())\":{"))
        }
        for answer in CommonAnswer.all { #expect(document.contains("\"#/components/responses/\(answer.name)\"")) }
    }

    @Test("the name's pattern means what is refused, to ECMA-262 as to RE2")
    func pattern() throws {
        let schema = ValueType<String>.name(1...64).schema
        let text = String(decoding: schema.bytes, as: UTF8.self)
        #expect(text.contains(#"\\x00-\\x1f\\x7f-\\x9f"#) && !text.contains(#"\\u"#) && !text.contains("(?="))
        #expect(!text.contains("(?!"))
        let pattern = try #require(text.split(separator: #""pattern":""#).last?.split(separator: "\"").first)
        let expression = try Regex(String(pattern).replacing(#"\\"#, with: #"\"#))
        for (name, isValid) in [
            ("a", true), (".", false), ("..", false), ("...", true), (".a", true), ("..a", true), ("....", true),
            ("a.", true),
            ("é", true), ("\u{9f}", false), (".\u{7f}", false), ("..\n", false), ("a\u{0}", false), ("👋", true),
        ] {
            #expect((try expression.wholeMatch(in: name) != nil) == isValid, "\(name)")
            #expect(((try? ValueType<String>.name(1...64).read(name)) != nil) == isValid, "\(name)")
        }
    }

    @Test("types of errors are enumerations, with all that there are")
    func enumerations() {
        let document = String(decoding: OpenAPIDocument(endpoints: endpoints, Hello.description).content, as: UTF8.self)
        for type in ProblemType.allCases { #expect(document.contains("\"\(type.rawValue)\"")) }
        for kind in UpstreamFailure.Kind.allCases { #expect(document.contains("\"\(kind.rawValue)\"")) }
        #expect(document.contains(#""Retry-After":{"#))
    }

    @Test("every refusal of the server is an answer that the document knows", arguments: Refusal.allCases)
    func refusals(refusal: Refusal) {
        #expect(CommonAnswer.all.contains { $0.status == refusal.status })
    }

    @Test("an answer's number is its endpoint's place, also where the method does not fit")
    func numbers() async throws {
        let service = GreetingService(settings: .init(delay: .zero))
        for (number, route) in service.routes.enumerated() where !route.contains("{") {
            for method in ["GET", "POST", "OPTIONS"] {
                let response = try await service.respond(to: request("\(method) \(route)", listener: "admin"))
                #expect(response.routeNumber == number, "\(method) \(route)")
            }
        }
        #expect(try await service.respond(to: request("GET /nope")).routeNumber == nil)
    }

    @Test("the page runs nothing that is not its own")
    func policy() throws {
        let name = try #require(HTTPField.Name("Content-Security-Policy"))
        let policy = try #require(DocumentationPage.fields[name])
        #expect(policy.hasPrefix("default-src 'none'; script-src 'sha256-"))
        #expect(!policy.contains("unsafe") && !policy.contains("*") && !policy.contains("http"))
    }

    @Test("what cannot be meant is a problem that is told before anything is served")
    func mistakes() {
        func declared(_ name: String, _ location: ParameterDeclaration.Location) -> ParameterDeclaration {
            ParameterDeclaration(name, location, isRequired: true, "", [:])
        }
        #expect(Declaration.problem("/a/{b}", [declared("b", .path), declared("b", .query)]) == nil)
        for (path, parameters, part) in [
            ("a", [], "begin with a slash"), ("/{b}", [], "differ"), ("/{b}", [declared("c", .path)], "differ"),
            ("/", [declared("b", .path)], "differ"), ("/", [declared("b", .query), declared("b", .query)], "twice"),
        ] as [(String, [ParameterDeclaration], String)] {
            #expect(Declaration.problem(path, parameters)?.contains(part) == true, "\(path)")
        }
        let whole = ParameterDeclaration("body", .body, isRequired: true, "", [:], whole: Schema(definition: [:]))
        #expect(Declaration.problem("/", [whole, declared("b", .body)])?.contains("no room") == true)
        #expect(Declaration.problem(endpoints) == nil)
        #expect(Declaration.problem(endpoints + [endpoints[0]]) == "GET / is declared twice.")
        func answering(_ path: StaticString, _ definition: JSON) -> Endpoint {
            let other = Endpoint.OtherAnswer(
                status: .conflict,
                summary: "",
                schema: Schema(name: "A", definition: definition)
            )
            return Endpoint(.get, path, others: [other]) { _ in .answer(Answer("")) }
        }
        #expect(Declaration.problem([answering("/a", [:]), answering("/b", [:])]) == nil)
        let clash = Declaration.problem([answering("/a", [:]), answering("/b", ["type": "string"])])
        #expect(clash?.hasPrefix("Two types are called A") == true)
    }
}
