/// One thing that is wrong with a request's input, as FastAPI's users know it.
struct ValidationIssue: Sendable, Equatable {
    var type: ProblemType
    /// Where: `query`, and the parameter's name.
    var location: [String]
    /// What is wrong, for people.
    var message: String
    /// What was sent.
    var input: JSON

    var json: JSON {
        [
            "type": .string(type.rawValue), "loc": .array(location.map(JSON.string)), "msg": .string(message),
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
