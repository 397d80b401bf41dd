import HTTPServer
import HTTPTypes

/// What an endpoint does with the content of its requests, as its parameters say.
struct ContentKind: Sendable {
    private enum Kind: Sendable {
        /// There is none, or nobody looks at it.
        case ignored
        /// A JSON object, of which parameters are members.
        case members
        /// One parameter is the whole content, and reads it itself.
        case whole
    }

    private let kind: Kind

    init(_ declarations: [ParameterDeclaration]) {
        let inBody = declarations.filter { $0.location == .body }
        kind = inBody.isEmpty ? .ignored : inBody.contains { $0.whole != nil } ? .whole : .members
    }

    /// Reads the content of a request as far as it is read at once; notes what is wrong with it.
    ///
    /// - Throws: ``HTTPError`` with 415 where it says of itself that it is something else than JSON.
    func read(_ request: Request, _ issues: inout [ValidationIssue]) throws -> JSON? {
        if case .ignored = kind { return nil }
        try Self.checkType(request.head)
        guard case .members = kind else { return nil }
        if request.content.isEmpty {
            issues.append(
                .init(type: .missing, location: ["body"], message: ValueProblem.missing.message, input: .null)
            )
            return nil
        }
        switch BodyReading<JSON>.parse(request.content) {
        case .value(.object(let members)):
            return .object(members)
        case .value(let value):
            let problem = ValueProblem.notAnObject
            issues.append(.init(type: problem.type, location: ["body"], message: problem.message, input: value.excerpt))
        case .invalid(let found):
            issues += found
        }
        return nil
    }

    /// A form that another site's page sends has another type, and is nobody's wish (CORS' simple requests).
    private static func checkType(_ head: RequestHead) throws {
        guard let type = head.values(ofField: "content-type").first else { return }
        let media = type.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
        guard media == "application/json" || media.hasSuffix("+json") else {
            throw HTTPError(.unsupportedMediaType, "Send the content as application/json.")
        }
    }
}
