/// What came of a request's body.
enum BodyReading<Value: Sendable>: Sendable {
    case value(Value)
    /// All that is wrong with it, for one answer.
    case invalid([ValidationIssue])
}

extension BodyReading where Value: Decodable {
    /// Reads a body of JSON: as text, then against the schema, then as the type.
    ///
    /// - Parameter schema: That of the type, derived once.
    /// - Throws: What the type throws that is no `DecodingError`: that is no fault of the sender's.
    static func read(_ octets: [UInt8], as type: Value.Type, schema: Schema) throws -> BodyReading {
        let json: JSON
        switch BodyReading<JSON>.parse(octets) {
        case .value(let value): json = value
        case .invalid(let issues): return .invalid(issues)
        }
        let issues = json.issues(against: schema, at: ["body"])
        guard issues.isEmpty else { return .invalid(issues) }
        do {
            return .value(try json.decoded(as: type))
        } catch let error as DecodingError {
            return .invalid([ValidationIssue(error, in: json)])
        }
    }
}

extension BodyReading<JSON> {
    /// Reads a body of JSON as text.
    static func parse(_ octets: [UInt8]) -> BodyReading {
        var location: ValueLocation = ["body"]
        guard !octets.isEmpty else { return .invalid([ValidationIssue(.missing, at: location, .null)]) }
        do throws(JSONSyntaxError) {
            return .value(try JSON(parsing: octets))
        } catch {
            location.enter(error.offset)
            return .invalid([ValidationIssue(.invalidJSON, at: location, [:], reason: error.reason)])
        }
    }
}

extension ValidationIssue {
    fileprivate init(_ problem: ValueProblem, at location: ValueLocation, _ input: JSON, reason: String? = nil) {
        self.init(type: problem.type, location: location, message: problem.message, input: input, reason: reason)
    }

    /// What a type says that a schema does not: its own rules, and all of its rules where it could not be probed.
    fileprivate init(_ error: DecodingError, in body: JSON) {
        let (problem, path): (ValueProblem, [any CodingKey]) =
            switch error {
            case .keyNotFound(let key, let context): (.missing, context.codingPath + [key])
            case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
                (Self.problem(type), context.codingPath)
            case .dataCorrupted(let context): (.rejected(context.debugDescription), context.codingPath)
            @unknown default: (.rejected("The value cannot be read"), [])
            }
        var location: ValueLocation = ["body"]
        var input = body
        for key in path {
            if let place = key as? ListPlace {
                location.enter(place.place)
                if case .array(let values) = input, values.indices.contains(place.place) { input = values[place.place] }
            } else {
                location.enter(key.stringValue)
                // Where there is no such member, what should have had it was sent.
                input = input[key.stringValue] ?? input
            }
        }
        self.init(problem, at: location, input.excerpt)
    }

    private static func problem(_ type: any Any.Type) -> ValueProblem {
        switch type {
        case let scalar as any JSONScalar.Type: scalar.problem
        case is [JSON].Type: .notAList
        case is [String: JSON].Type: .notAnObject
        default: .rejected("\(type) is expected")
        }
    }
}
