extension JSON {
    /// What is wrong with this value, all of it up to a bound, in the order of the schema's properties.
    ///
    /// - Parameter schema: One that `Schema.of` gave.
    func issues(against schema: Schema, at location: ValueLocation) -> [ValidationIssue] {
        var check = SchemaCheck(schema, at: location)
        check.check(self, schema.definition)
        return check.issues
    }
}

/// Holds a value to a schema: to the words that derivation gives, and no others.
private struct SchemaCheck {
    /// The issues after which a body is not looked at any further.
    static let most = 100

    private let parts: [String: JSON]
    private var location: ValueLocation
    private(set) var issues: [ValidationIssue] = []

    init(_ schema: Schema, at location: ValueLocation) {
        var parts: [String: JSON] = [:]
        for part in schema.parts + [schema] {
            if let name = part.name { parts[Schema.referencePrefix + name] = part.definition }
        }
        self.parts = parts
        self.location = location
    }

    private mutating func note(_ problem: ValueProblem, _ input: JSON) {
        guard issues.count < Self.most else { return }
        issues.append(
            ValidationIssue(type: problem.type, location: location, message: problem.message, input: input.excerpt)
        )
    }

    mutating func check(_ value: JSON, _ schema: JSON) {
        guard issues.count < Self.most else { return }
        // Either what comes first, or null.
        if case .array(let choices)? = schema["anyOf"], let first = choices.first {
            if value != .null { check(value, first) }
            return
        }
        if case .string(let reference)? = schema["$ref"], let part = parts[reference] { return check(value, part) }
        if case .array(let cases)? = schema["enum"] {
            if !cases.contains(where: { Self.isSame($0, value) }) { note(.notAmong(cases), value) }
            return
        }
        let types = schema.schemaTypes
        if value == .null, types.contains("null") { return }
        switch types.first {
        case "boolean": if Bool(json: value) == nil { note(.notABool, value) }
        case "string": checkString(value, schema)
        case "integer": checkInteger(value, schema)
        case "number": if Double(json: value) != nil { checkBounds(value, schema) } else { note(.noNumber, value) }
        case "array": checkList(value, schema)
        case "object": checkObject(value, schema)
        default: break
        }
    }

    // MARK: Kinds of values

    private static func isSame(_ one: JSON, _ value: JSON) -> Bool {
        guard case .string(let text) = one, case .string(let other) = value else { return one == value }
        return ExactText(text) == ExactText(other)
    }

    private mutating func checkString(_ value: JSON, _ schema: JSON) {
        guard case .string(let text) = value else { return note(.notAString, value) }
        let (least, most) = (Int(json: schema["minLength"]), Int(json: schema["maxLength"]))
        guard least != nil || most != nil else { return }
        let length = text.unicodeScalars.count
        if let least, length < least { note(.tooShort(least), value) }
        if let most, length > most { note(.tooLong(most), value) }
    }

    private mutating func checkInteger(_ value: JSON, _ schema: JSON) {
        switch value {
        case .integer: checkBounds(value, schema)
        case .number(let number) where number.rounded() != number: note(.fractional, value)
        // A whole number that no integer of this program holds.
        case .number(let number):
            number < 0
                ? note(.tooSmall(schema["minimum"] ?? .integer(.min)), value)
                : note(.tooLarge(schema["maximum"] ?? .integer(.max)), value)
        default: note(.notAnInteger, value)
        }
    }

    private mutating func checkBounds(_ value: JSON, _ schema: JSON) {
        if let least = schema["minimum"], value.isLess(than: least) { note(.tooSmall(least), value) }
        if let most = schema["maximum"], most.isLess(than: value) { note(.tooLarge(most), value) }
    }

    private mutating func checkList(_ value: JSON, _ schema: JSON) {
        guard case .array(let values) = value else { return note(.notAList, value) }
        if let least = Int(json: schema["minItems"]), values.count < least {
            note(.tooFew(least, not: values.count), value)
        }
        if let most = Int(json: schema["maxItems"]), values.count > most {
            note(.tooMany(most, not: values.count), value)
        }
        guard let items = schema["items"] else { return }
        for (index, value) in values.enumerated() {
            guard issues.count < Self.most else { return }
            location.enter(index)
            check(value, items)
            location.leave()
        }
    }

    private mutating func checkObject(_ value: JSON, _ schema: JSON) {
        let further = schema["additionalProperties"]
        guard case .object(let members) = value else {
            return note(further == nil ? .notAnObject : .notADictionary, value)
        }
        if let further {
            for member in members {
                guard issues.count < Self.most else { return }
                location.enter(member.name)
                check(member.value, further)
                location.leave()
            }
        }
        guard case .object(let properties)? = schema["properties"] else { return }
        var required: [JSON] = []
        if case .array(let names)? = schema["required"] { required = names }
        let given = JSONMembers(members)
        for property in properties {
            location.enter(property.name)
            if let member = given[property.name] {
                check(member, property.value)
            } else if required.contains(.string(property.name)) {
                // The object is what was sent: there is nothing else to show.
                note(.missing, value)
            }
            location.leave()
        }
    }
}

extension Int {
    fileprivate init?(json: JSON?) {
        guard let json else { return nil }
        self.init(json: json)
    }
}
