extension Duration {
    /// The units a duration can be written in, and how many nanoseconds each is.
    private static let units: [(name: String, nanoseconds: Int64)] = [
        ("h", 3_600_000_000_000), ("min", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1000),
    ]

    /// Reads a duration: decimal digits with an optional fraction and an optional unit, as in `0.25`, `250ms`, `2min`.
    ///
    /// A number alone is seconds. Nil for all else: signs, exponents, `inf`, `nan`, and what is finer than a
    /// nanosecond, or too large to count in nanoseconds (292 years).
    package init?(settingText text: String) {
        let number = text.prefix { $0 == "." || $0.isDecimalDigit }
        let unitName = text[number.endIndex...]
        guard let unit = Self.units.first(where: { $0.name == (unitName.isEmpty ? "s" : unitName) }) else { return nil }

        let parts = number.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = parts.count == 2 ? parts[1] : ""
        guard let whole = Int64(decimalDigits: parts[0]) else { return nil }
        if parts.count == 2, Int64(decimalDigits: fraction) == nil { return nil }

        // In integers, so that 0.1 is a tenth of a second and not the nearest binary fraction.
        var (nanoseconds, overflow) = whole.multipliedReportingOverflow(by: unit.nanoseconds)
        var place = unit.nanoseconds
        for digit in fraction {
            let value = Int64(digit.wholeNumberValue ?? 0)
            if place.isMultiple(of: 10) {
                place /= 10
                let (sum, carry) = nanoseconds.addingReportingOverflow(place * value)
                (nanoseconds, overflow) = (sum, overflow || carry)
            } else if value != 0 {
                return nil
            }
        }
        if overflow { return nil }
        self = .nanoseconds(nanoseconds)
    }

    /// The duration in the largest unit that needs no fraction, as ``init(settingText:)`` reads it: `75s`, `250ms`.
    package var settingText: String {
        let (seconds, attoseconds) = components
        if seconds == 0 && attoseconds == 0 { return "0s" }
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return "\(seconds)s" }
        let nanoseconds = whole + attoseconds / 1_000_000_000
        for unit in Self.units where nanoseconds.isMultiple(of: unit.nanoseconds) {
            return "\(nanoseconds / unit.nanoseconds)\(unit.name)"
        }
        let digits = String(nanoseconds % 1000)
        return "\(nanoseconds / 1000).\(String(repeating: "0", count: 3 - digits.count))\(digits)us"
    }
}
