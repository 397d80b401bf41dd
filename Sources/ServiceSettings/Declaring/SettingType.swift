/// How a setting's value is written: what to expect, how to read it and how to write it.
public struct SettingType<Value: Sendable>: Sendable {
    /// What to give: "a duration from 0s to 1h, such as 250ms or 1s".
    let expectation: String
    /// What the value is called in an option's help: `duration`.
    var valueName = "value"
    /// Whether the value is a list.
    var isList = false
    /// Whether a mapping of a file is taken as a list of `name=value`.
    var takesMapping = false
    /// Reads one text, or those of a list.
    let parse: @Sendable (_ texts: [String]) throws(SettingValueError) -> Value
    /// Writes a value so that ``parse`` reads it back; a list is comma-separated.
    let text: @Sendable (Value) -> String

    /// Declares a type of values.
    ///
    /// - Parameters:
    ///   - expectation: What to give: `a duration from 0s to 1h, such as 250ms or 1s`.
    ///   - valueName: What the value is called in an option's help: `duration`.
    ///   - isList: Whether the value is a list.
    ///   - takesMapping: Whether a mapping of a file is taken as a list of `name=value`.
    ///   - parse: Reads one text, or those of a list.
    ///   - text: Writes a value so that `parse` reads it back; a list is comma-separated.
    public init(
        expectation: String,
        valueName: String = "value",
        isList: Bool = false,
        takesMapping: Bool = false,
        parse: @escaping @Sendable (_ texts: [String]) throws(SettingValueError) -> Value,
        text: @escaping @Sendable (Value) -> String
    ) {
        self.expectation = expectation
        self.valueName = valueName
        self.isList = isList
        self.takesMapping = takesMapping
        self.parse = parse
        self.text = text
    }
}

/// Why a value was refused, and what to give instead.
public struct SettingValueError: Error, Equatable {
    /// What is wrong, with the value quoted: `"soon" is not a duration`.
    public var problem: String
    /// What to do, where it is something else than giving what the setting expects.
    public var remedy: String?

    /// Refuses a value.
    public init(problem: String, remedy: String? = nil) {
        self.problem = problem
        self.remedy = remedy
    }
}

extension SettingType {
    /// A type whose value is one text.
    private init(
        _ noun: String,
        expectation: String,
        valueName: String,
        read: @escaping @Sendable (String) -> Value?,
        isAllowed: @escaping @Sendable (Value) -> Bool = { _ in true },
        text: @escaping @Sendable (Value) -> String
    ) {
        self.expectation = expectation
        self.valueName = valueName
        self.text = text
        self.parse = { texts throws(SettingValueError) in
            let given = texts.joined(separator: ",")
            if given.isEmpty { throw SettingValueError(problem: "the value is empty") }
            guard let value = read(given) else {
                throw SettingValueError(problem: "\(quoted(given)) is not \(noun)")
            }
            guard isAllowed(value) else { throw SettingValueError(problem: "\(quoted(given)) is out of bounds") }
            return value
        }
    }
}

extension SettingType where Value == Duration {
    /// A duration within bounds; `zero` is a word that means zero, and both are then allowed beside the bounds.
    public static func duration(_ bounds: ClosedRange<Duration>, zero: String? = nil) -> Self {
        let range = "a duration from \(bounds.lowerBound.settingText) to \(bounds.upperBound.settingText)"
        return SettingType(
            "a duration",
            expectation: "\(range), such as 250ms, 1s or 2min" + (zero.map { ", or \($0) (or 0)" } ?? ""),
            valueName: "duration",
            read: { $0 == zero ? .zero : Duration(settingText: $0) },
            isAllowed: { bounds.contains($0) || (zero != nil && $0 == .zero) },
            text: { $0 == .zero ? zero ?? $0.settingText : $0.settingText }
        )
    }
}

extension SettingType where Value == Int {
    /// A whole number within bounds; `zero` is a word that means zero, and both are then allowed beside the bounds.
    public static func count(_ bounds: ClosedRange<Int>, zero: String? = nil) -> Self {
        SettingType(
            "a whole number",
            expectation: "a whole number from \(bounds.lowerBound) to \(bounds.upperBound)"
                + (zero.map { ", or \($0) (or 0)" } ?? ""),
            valueName: "number",
            read: { $0 == zero ? 0 : Int(decimalDigits: $0) },
            isAllowed: { bounds.contains($0) || (zero != nil && $0 == 0) },
            text: { $0 == 0 ? zero ?? "0" : String($0) }
        )
    }

    /// A size in bytes within bounds.
    public static func size(_ bounds: ClosedRange<Int>) -> Self {
        SettingType(
            "a size",
            expectation: "a size in bytes from \(sizeText(bounds.lowerBound)) to \(sizeText(bounds.upperBound)), "
                + "such as 8192, 64K or 1M",
            valueName: "size",
            read: { parseSize($0) },
            isAllowed: { bounds.contains($0) },
            text: { sizeText($0) }
        )
    }
}

extension SettingType where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
    /// One word of an enumeration.
    public static func choice() -> Self {
        let words = Value.allCases.map(\.rawValue)
        return SettingType(
            "a known word",
            expectation: words.dropLast().joined(separator: ", ") + " or " + (words.last ?? ""),
            valueName: "word",
            read: { Value(rawValue: $0) },
            text: { $0.rawValue }
        )
    }
}

extension SettingType where Value == String {
    /// A text of so many Unicode scalars, on one line.
    public static func string(_ length: ClosedRange<Int>) -> Self {
        SettingType(
            "a text of one line",
            expectation: "a text of \(length.lowerBound) to \(length.upperBound) characters",
            valueName: "text",
            read: { text in text.unicodeScalars.contains { $0.properties.generalCategory == .control } ? nil : text },
            isAllowed: { length.contains($0.unicodeScalars.count) },
            text: { $0 }
        )
    }
}

extension SettingType where Value == Bool {
    /// `true` or `false`.
    public static var flag: Self {
        SettingType(
            "true or false",
            expectation: "true or false",
            valueName: "true|false",
            read: { $0 == "true" ? true : $0 == "false" ? false : nil },
            text: { $0 ? "true" : "false" }
        )
    }
}
