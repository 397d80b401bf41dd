import HTTPTypes

/// What is wrong with how endpoints are declared: a defect of the program, which is told before it serves anything.
enum Declaration {
    /// Ends the program with a line that says what to change, unless it is right. A precondition would say nothing in a
    /// released program.
    static func require(_ isRight: Bool, _ problem: @autoclosure () -> String) {
        if !isRight { fatalError(problem()) }
    }

    /// What is wrong with an endpoint's parameters, or nil.
    static func problem(_ path: String, _ parameters: [ParameterDeclaration]) -> String? {
        let named = path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
        let declared = parameters.filter { $0.location == .path }.map(\.name)
        if !path.hasPrefix("/") { return "The path \(path) does not begin with a slash." }
        if Set(named) != Set(declared) || named.count != declared.count {
            return "\(path): the names in braces and the path parameters (\(declared.joined(separator: ", "))) differ."
        }
        let keys = parameters.map { "\($0.location.rawValue) \($0.name)" }
        if Set(keys).count != keys.count { return "\(path): a parameter is declared twice." }
        let bodies = parameters.filter { $0.location == .body }
        if bodies.contains(where: { $0.whole != nil }), bodies.count > 1 {
            return "\(path): a whole body leaves no room for another parameter of the body."
        }
        return nil
    }

    /// What is wrong with endpoints together, or nil.
    static func problem(_ endpoints: [Endpoint]) -> String? {
        var seen: Set<String> = []
        let again = endpoints.first { !seen.insert("\($0.method.rawValue) \($0.route)").inserted }
        if let again { return "\(again.method.rawValue) \(again.route) is declared twice." }
        var known: [String: JSON] = [:]
        for schema in endpoints.flatMap(\.schemas).flatMap({ [$0] + $0.parts }) {
            guard let name = schema.name else { continue }
            if let other = known.updateValue(schema.definition, forKey: name), other != schema.definition {
                return "Two types are called \(name) in the document: give one of them another name."
            }
        }
        return nil
    }
}
