/// One thing that is wrong with a request's input, as FastAPI's users know it.
struct ValidationIssue: Sendable, Equatable {
    var type: ProblemType
    /// Where: `query`, and the parameter's name.
    var location: ValueLocation
    /// What is wrong, for people.
    var message: String
    /// What was sent.
    var input: JSON
    /// What a parser said, where one did.
    var reason: String?

    var json: JSON {
        let issue: JSON = [
            "type": .string(type.rawValue), "loc": location.json, "msg": .string(message), "input": input,
        ]
        return reason.map { issue.merging(["ctx": ["error": .string($0)]]) } ?? issue
    }
}

/// Where a value stands in a request: `query` or `body`, then names of members and places in lists.
struct ValueLocation: Sendable, Equatable, ExpressibleByArrayLiteral {
    private var steps: [JSON]

    init(arrayLiteral names: String...) { steps = names.map(JSON.string) }

    var json: JSON { .array(steps) }

    /// Goes on to a member. A long name is cut, lest many issues repeat it.
    mutating func enter(_ name: String) { steps.append(.string(name.shortened)) }
    /// Goes on to an element of a list, or a place in text.
    mutating func enter(_ index: Int) { steps.append(.integer(index)) }
    /// Goes back to where the last step was taken.
    mutating func leave() { steps.removeLast() }
}

/// What is wrong, for programs; pydantic's words where it has one.
enum ProblemType: String, CaseIterable, Sendable {
    case notUTF8 = "string_unicode"
    case patternMismatch = "string_pattern_mismatch"
    case tooLong = "string_too_long"
    case tooShort = "string_too_short"
    case notANumber = "float_parsing"
    case notFinite = "finite_number"
    case tooSmall = "greater_than_equal"
    case tooLarge = "less_than_equal"
    case missing
    case repeated
    case notAString = "string_type"
    case notIntegerText = "int_parsing"
    case notAnInteger = "int_type"
    case fractional = "int_from_float"
    case noNumber = "float_type"
    case notABool = "bool_type"
    case notAList = "list_type"
    case notADictionary = "dict_type"
    case notAnObject = "model_attributes_type"
    case notAmongCases = "enum"
    case tooFew = "too_short"
    case tooMany = "too_long"
    case invalidJSON = "json_invalid"
    case rejected = "value_error"
}

/// What is wrong with one value, wherever it came from.
struct ValueProblem: Error, Equatable {
    var type: ProblemType
    var message: String

    static let notUTF8 = ValueProblem(
        type: .notUTF8,
        message: "Input should be a valid string, unable to parse raw data as a unicode string"
    )
    static let notANumber = ValueProblem(
        type: .notANumber,
        message: "Input should be a valid number, unable to parse string as a number"
    )
    static let notFinite = ValueProblem(type: .notFinite, message: "Input should be a finite number")
    static let missing = ValueProblem(type: .missing, message: "Field required")
    static let repeated = ValueProblem(type: .repeated, message: "Input should be given once")

    static func pattern(_ pattern: String) -> ValueProblem {
        ValueProblem(type: .patternMismatch, message: "String should match pattern '\(pattern)'")
    }

    static func tooLong(_ most: Int) -> ValueProblem {
        ValueProblem(
            type: .tooLong,
            message: "String should have at most \(most) character\(most == 1 ? "" : "s")"
        )
    }

    static func tooShort(_ least: Int) -> ValueProblem {
        ValueProblem(
            type: .tooShort,
            message: "String should have at least \(least) character\(least == 1 ? "" : "s")"
        )
    }

    static func tooSmall(_ bound: Double) -> ValueProblem { tooSmall(.number(bound)) }
    static func tooSmall(_ bound: JSON) -> ValueProblem {
        ValueProblem(type: .tooSmall, message: "Input should be greater than or equal to \(bound.text)")
    }

    static func tooLarge(_ bound: Double) -> ValueProblem { tooLarge(.number(bound)) }
    static func tooLarge(_ bound: JSON) -> ValueProblem {
        ValueProblem(type: .tooLarge, message: "Input should be less than or equal to \(bound.text)")
    }
}

// MARK: Values of JSON

extension ValueProblem {
    static let notAString = ValueProblem(type: .notAString, message: "Input should be a valid string")
    static let notAnInteger = ValueProblem(type: .notAnInteger, message: "Input should be a valid integer")
    static let notIntegerText = ValueProblem(
        type: .notIntegerText,
        message: "Input should be a valid integer, unable to parse string as an integer"
    )
    static let fractional = ValueProblem(
        type: .fractional,
        message: "Input should be a valid integer, got a number with a fractional part"
    )
    static let noNumber = ValueProblem(type: .noNumber, message: "Input should be a valid number")
    static let notABool = ValueProblem(type: .notABool, message: "Input should be a valid boolean")
    static let notAList = ValueProblem(type: .notAList, message: "Input should be a valid list")
    static let notADictionary = ValueProblem(type: .notADictionary, message: "Input should be a valid dictionary")
    static let notAnObject = ValueProblem(
        type: .notAnObject,
        message: "Input should be a valid dictionary or object to extract fields from"
    )
    static let invalidJSON = ValueProblem(type: .invalidJSON, message: "JSON decode error")

    static func rejected(_ reason: String) -> ValueProblem {
        ValueProblem(type: .rejected, message: "Value error, \(reason)")
    }

    static func notAmong(_ cases: [JSON]) -> ValueProblem {
        let texts = cases.map { if case .string(let text) = $0 { "'\(text)'" } else { $0.text } }
        let last = texts.last ?? ""
        let list = texts.count > 1 ? texts.dropLast().joined(separator: ", ") + " or " + last : last
        return ValueProblem(type: .notAmongCases, message: "Input should be \(list)")
    }

    static func tooFew(_ least: Int, not count: Int) -> ValueProblem {
        let items = least == 1 ? "item" : "items"
        return ValueProblem(
            type: .tooFew,
            message: "List should have at least \(least) \(items) after validation, not \(count)"
        )
    }

    static func tooMany(_ most: Int, not count: Int) -> ValueProblem {
        let items = most == 1 ? "item" : "items"
        return ValueProblem(
            type: .tooMany,
            message: "List should have at most \(most) \(items) after validation, not \(count)"
        )
    }
}

extension JSON {
    /// The value as text for people.
    fileprivate var text: String { String(decoding: bytes, as: UTF8.self) }
}
