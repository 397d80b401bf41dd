/// How a setting's value is written: what to expect, how to read it and how to write it.
struct SettingType<Value: Sendable>: Sendable {
    /// What to give: "a duration from 0s to 1h, such as 250ms or 1s".
    let expectation: String
    /// Whether the value is a list.
    var isList = false
    /// Whether a mapping of a file is taken as a list of `name=value`.
    var takesMapping = false
    /// Reads one text, or those of a list.
    let parse: @Sendable (_ texts: [String]) throws(SettingValueError) -> Value
    /// Writes a value so that ``parse`` reads it back; a list is comma-separated.
    let text: @Sendable (Value) -> String
}

/// Why a value was refused, and what to give instead.
struct SettingValueError: Error, Equatable {
    /// What is wrong, with the value quoted: `"soon" is not a duration`.
    var problem: String
    /// What to do, where it is something else than giving what the setting expects.
    var remedy: String?
}

extension SettingType {
    /// A type whose value is one text.
    private init(
        _ noun: String,
        expectation: String,
        read: @escaping @Sendable (String) -> Value?,
        isAllowed: @escaping @Sendable (Value) -> Bool = { _ in true },
        text: @escaping @Sendable (Value) -> String
    ) {
        self.expectation = expectation
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
    /// A duration within bounds; `zero` is a word that means zero, which is then allowed beside the bounds.
    static func duration(_ bounds: ClosedRange<Duration>, zero: String? = nil) -> Self {
        let range = "a duration from \(bounds.lowerBound.settingText) to \(bounds.upperBound.settingText)"
        return SettingType(
            "a duration",
            expectation: "\(range), such as 250ms, 1s or 2min" + (zero.map { ", or \($0)" } ?? ""),
            read: { $0 == zero ? .zero : Duration(settingText: $0) },
            isAllowed: { bounds.contains($0) || (zero != nil && $0 == .zero) },
            text: { $0 == .zero ? zero ?? $0.settingText : $0.settingText }
        )
    }
}

extension SettingType where Value == Int {
    /// A whole number within bounds; `zero` is a word that means zero, which is then allowed beside the bounds.
    static func count(_ bounds: ClosedRange<Int>, zero: String? = nil) -> Self {
        SettingType(
            "a whole number",
            expectation: "a whole number from \(bounds.lowerBound) to \(bounds.upperBound)"
                + (zero.map { ", or \($0)" } ?? ""),
            read: { $0 == zero ? 0 : Int(decimalDigits: $0) },
            isAllowed: { bounds.contains($0) || (zero != nil && $0 == 0) },
            text: { $0 == 0 ? zero ?? "0" : String($0) }
        )
    }

    /// A size in bytes within bounds.
    static func size(_ bounds: ClosedRange<Int>) -> Self {
        SettingType(
            "a size",
            expectation: "a size in bytes from \(sizeText(bounds.lowerBound)) to \(sizeText(bounds.upperBound)), "
                + "such as 8192, 64K or 1M",
            read: { parseSize($0) },
            isAllowed: { bounds.contains($0) },
            text: { sizeText($0) }
        )
    }
}

extension SettingType where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
    /// One word of an enumeration.
    static func choice() -> Self {
        let words = Value.allCases.map(\.rawValue)
        return SettingType(
            "a known word",
            expectation: words.dropLast().joined(separator: ", ") + " or " + (words.last ?? ""),
            read: { Value(rawValue: $0) },
            text: { $0.rawValue }
        )
    }
}

extension SettingType where Value == [ListenAddress] {
    /// A list of addresses to listen on.
    static var addresses: Self {
        SettingType(
            expectation: "127.0.0.1:8080, [::1]:8080 or unix:/path, or several of them",
            isList: true,
            parse: { texts throws(SettingValueError) in
                var addresses: [ListenAddress] = []
                for text in texts { addresses.append(try ListenAddress(text)) }
                return addresses
            },
            text: { $0.isEmpty ? "[]" : $0.map(\.description).joined(separator: ", ") }
        )
    }
}
