extension FixedWidthInteger {
    /// Reads ASCII decimal digits and nothing else: no sign, no space, no separator.
    package init?(decimalDigits text: some StringProtocol) {
        guard !text.isEmpty, text.allSatisfy(\.isDecimalDigit) else { return nil }
        self.init(text, radix: 10)
    }
}

extension Character {
    /// Whether this is one of 0 to 9; digits of other scripts are not.
    package var isDecimalDigit: Bool { "0" <= self && self <= "9" && isASCII }
}

/// The units a size can be written in, largest first, and their bytes. `K` is 1024, as it is for systemd.
private let sizeUnits: [(names: [String], bytes: Int)] = [
    (["G", "GiB"], 1 << 30), (["M", "MiB"], 1 << 20), (["K", "KiB"], 1 << 10), (["", "B"], 1),
]

/// Reads a size: decimal digits with an optional unit, as in `8192`, `64K`, `1MiB`.
///
/// - Returns: The size in bytes, or nil for all else, sizes too large for an integer included.
package func parseSize(_ text: String) -> Int? {
    let number = text.prefix(while: \.isDecimalDigit)
    let unitName = String(text[number.endIndex...])
    guard let unit = sizeUnits.first(where: { $0.names.contains(unitName) }) else { return nil }
    guard let count = Int(decimalDigits: number) else { return nil }
    let (bytes, overflow) = count.multipliedReportingOverflow(by: unit.bytes)
    return overflow ? nil : bytes
}

/// Writes a size in bytes in the largest unit that divides it, as ``parseSize(_:)`` reads it.
package func sizeText(_ bytes: Int) -> String {
    for unit in sizeUnits where bytes != 0 && bytes.isMultiple(of: unit.bytes) {
        return "\(bytes / unit.bytes)\(unit.names[0])"
    }
    return String(bytes)
}
