/// One thing that is wrong with a request's input, as FastAPI's users know it.
struct ValidationIssue: Sendable, Equatable {
    var type: ProblemType
    /// Where: `query`, and the parameter's name; in a body, names and indices.
    var location: [JSON]
    /// What is wrong, for people.
    var message: String
    /// What was sent.
    var input: JSON

    var json: JSON {
        [
            "type": .string(type.rawValue), "loc": .array(location), "msg": .string(message),
            "input": input,
        ]
    }
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
    case notAString = "string_type"
    case notANumberMember = "float_type"
    case notAnInteger = "int_parsing"
    case notAnIntegerMember = "int_type"
    case notABoolean = "bool_type"
    case notAChoice = "enum"
    case notAnObject = "model_attributes_type"
    case invalidJSON = "json_invalid"
    case missing
    case repeated
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
    static let notAString = ValueProblem(type: .notAString, message: "Input should be a valid string")
    static let notANumberMember = ValueProblem(type: .notANumberMember, message: "Input should be a valid number")
    static let notAnInteger = ValueProblem(
        type: .notAnInteger,
        message: "Input should be a valid integer, unable to parse string as an integer"
    )
    static let notAnIntegerMember = ValueProblem(type: .notAnIntegerMember, message: "Input should be a valid integer")
    static let notABoolean = ValueProblem(type: .notABoolean, message: "Input should be a valid boolean")
    static let notAnObject = ValueProblem(
        type: .notAnObject,
        message: "Input should be a valid dictionary or object to extract fields from"
    )
    static let notFinite = ValueProblem(type: .notFinite, message: "Input should be a finite number")
    static let missing = ValueProblem(type: .missing, message: "Field required")
    static let repeated = ValueProblem(type: .repeated, message: "Input should be given once")

    static func notAChoice(_ words: [String]) -> ValueProblem {
        let listed = words.map { "'\($0)'" }
        let text =
            listed.count < 2
            ? listed.joined() : listed.dropLast().joined(separator: ", ") + " or " + listed[listed.count - 1]
        return ValueProblem(type: .notAChoice, message: "Input should be \(text)")
    }

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

    static func tooSmall(_ bound: Double) -> ValueProblem {
        ValueProblem(
            type: .tooSmall,
            message: "Input should be greater than or equal to \(bound.jsonText)"
        )
    }

    static func tooLarge(_ bound: Double) -> ValueProblem {
        ValueProblem(type: .tooLarge, message: "Input should be less than or equal to \(bound.jsonText)")
    }
}
