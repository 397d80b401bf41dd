/// A parameter of an endpoint, declared once: its schema, and how its value is read and checked.
struct Parameter<Value: Sendable>: Sendable {
    let declaration: ParameterDeclaration
    /// Reads the value out of a request's input; notes what is wrong and returns nil.
    let read: @Sendable (RequestInput, inout [ValidationIssue]) -> Value?

    /// A part of the path: `name` in `/hello/{name}`.
    static func path(_ name: String, _ type: ValueType<Value>, _ summary: String) -> Self {
        let declaration = ParameterDeclaration(
            name: name,
            location: .path,
            isRequired: true,
            summary: summary,
            schema: type.schema
        )
        return Parameter(declaration: declaration) { input, issues in
            guard let raw = input.path[name] else { return declaration.note(.missing, .null, &issues) }
            return declaration.read(raw, PercentEncoding.decode(raw), type, &issues)
        }
    }

    /// A part of the query that may be left out.
    static func query(
        _ name: String,
        _ type: ValueType<Value>,
        default defaultValue: Value,
        _ summary: String
    ) -> Self {
        let declaration = ParameterDeclaration(
            name: name,
            location: .query,
            isRequired: false,
            summary: summary,
            schema: type.schema.merging(["default": type.json(defaultValue)])
        )
        return Parameter(declaration: declaration) { input, issues in
            let given = input.values(of: name)
            guard let first = given.first else { return defaultValue }
            // Which one is meant is anybody's guess, and proxies guess differently.
            if given.count > 1 {
                let texts = given.map { PercentEncoding.decode($0, plusIsSpace: true) ?? $0 }
                return declaration.note(.repeated, .array(texts.map(JSON.string)), &issues)
            }
            return declaration.read(first, PercentEncoding.decode(first, plusIsSpace: true), type, &issues)
        }
    }
}

/// What the document says of a parameter.
struct ParameterDeclaration: Sendable {
    /// Where a parameter stands; the word is that of OpenAPI and of `loc`.
    enum Location: String, Sendable { case path, query }

    let name: String
    let location: Location
    let isRequired: Bool
    let summary: String
    let schema: JSON

    func note<Value>(_ problem: ValueProblem, _ input: JSON, _ issues: inout [ValidationIssue]) -> Value? {
        issues.append(
            ValidationIssue(
                type: problem.type,
                location: [location.rawValue, name],
                message: problem.message,
                input: input
            )
        )
        return nil
    }

    func read<Value>(
        _ raw: String,
        _ text: String?,
        _ type: ValueType<Value>,
        _ issues: inout [ValidationIssue]
    ) -> Value? {
        guard let text else { return note(.notUTF8, .string(raw), &issues) }
        do throws(ValueProblem) {
            return try type.read(text)
        } catch {
            return note(error, .string(text), &issues)
        }
    }
}
