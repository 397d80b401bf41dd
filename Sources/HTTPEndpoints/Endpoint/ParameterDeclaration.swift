import HTTPServer

/// What the document says of a parameter, and what is wrong with what was sent for it.
struct ParameterDeclaration: Sendable {
    /// Where a parameter stands; the word is that of OpenAPI and of `loc`.
    enum Location: String, Sendable { case path, query, header, body }

    let name: String
    let location: Location
    let isRequired: Bool
    let summary: String
    let schema: JSON
    /// The schema where it is the whole body.
    let whole: Schema?

    init(
        _ name: String,
        _ location: Location,
        isRequired: Bool,
        _ summary: String,
        _ schema: JSON,
        whole: Schema? = nil
    ) {
        self.name = name
        self.location = location
        self.isRequired = isRequired
        self.summary = summary
        self.schema = schema
        self.whole = whole
    }

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

    func readQuery<Value>(
        _ input: RequestInput,
        _ type: ValueType<Value>,
        _ issues: inout [ValidationIssue],
        ifMissing: (Self, inout [ValidationIssue]) -> Value?
    ) -> Value? {
        let given = input.values(of: name)
        guard let first = given.first else { return ifMissing(self, &issues) }
        // Which one is meant is anybody's guess, and proxies guess differently.
        if given.count > 1 {
            let texts = given.map { PercentEncoding.decode($0, plusIsSpace: true) ?? $0 }
            return note(.repeated, .array(texts.map(JSON.string)), &issues)
        }
        return read(first, PercentEncoding.decode(first, plusIsSpace: true), type, &issues)
    }

    func readHeader<Value>(
        _ name: StaticString,
        _ input: RequestInput,
        _ type: ValueType<Value>,
        _ issues: inout [ValidationIssue],
        ifMissing: (Self, inout [ValidationIssue]) -> Value?
    ) -> Value? {
        let given = input.head?.values(ofField: name) ?? []
        guard let first = given.first else { return ifMissing(self, &issues) }
        if given.count > 1 { return note(.repeated, .array(given.map(JSON.string)), &issues) }
        return read(first, first, type, &issues)
    }

    func readMember<Value>(
        _ input: RequestInput,
        _ type: ValueType<Value>,
        _ issues: inout [ValidationIssue],
        ifMissing: (Self, JSON, inout [ValidationIssue]) -> Value?
    ) -> Value? {
        // What is wrong with a body that is no object was noted when it was read.
        guard case .object(let members)? = input.body else { return nil }
        // The names are the sender's: see ``ExactText``. What is echoed must not multiply what was sent.
        guard let member = members.first(where: { ExactText($0.name) == ExactText(name) }) else {
            return ifMissing(self, JSON.object(members).excerpt, &issues)
        }
        do throws(ValueProblem) {
            return try type.readJSON(member.value)
        } catch {
            return note(error, member.value.excerpt, &issues)
        }
    }
}
