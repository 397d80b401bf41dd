import Foundation

/// Numbers and text as reports show them.
package enum Formatting {
    /// A number rounded to what is worth reading, with thousands in groups.
    package static func number(_ value: Double) -> String {
        guard value.isFinite else { return "\(value)" }
        let size = abs(value)
        if value == value.rounded() || size >= 1000 {
            return size < 1e15 ? grouped(Int(value.rounded())) : String(format: "%.3g", value)
        }
        if size >= 100 { return String(format: "%.1f", value) }
        if size >= 0.01 { return String(format: "%.2f", value) }
        return String(format: "%.3g", value)
    }

    private static func grouped(_ value: Int) -> String {
        var digits = Array(String(value.magnitude))
        var position = digits.count - 3
        while position > 0 {
            digits.insert(",", at: position)
            position -= 3
        }
        return (value < 0 ? "-" : "") + String(digits)
    }

    /// A time span: `0.12 s`, `75.30 s`.
    static func seconds(_ value: Double) -> String { String(format: "%.2f s", value) }

    /// A latency given in microseconds, in the unit that suits it.
    static func latency(microseconds value: Double) -> String {
        switch value {
        case ..<1000: "\(number(value)) µs"
        case ..<1_000_000: "\(number(value / 1000)) ms"
        default: "\(number(value / 1_000_000)) s"
        }
    }

    /// Text for XML and HTML, in content and in quoted attributes. What XML 1.0 (2.2) has no place for, such as
    /// control characters, becomes U+FFFD.
    package static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\t", "\n": result.unicodeScalars.append(scalar)
            case "\u{20}"..."\u{7E}", "\u{A0}"..."\u{D7FF}", "\u{E000}"..."\u{FFFD}", "\u{10000}"..."\u{10FFFF}":
                result.unicodeScalars.append(scalar)
            default: result += "\u{FFFD}"
            }
        }
        return result
    }

    /// Text for a terminal: nothing in it can move the cursor or change colours.
    package static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map {
                    $0 == "\t" ? " " : $0.value < 0x20 || (0x7F...0x9F).contains($0.value) ? "\u{FFFD}" : $0
                }
            )
        )
    }
}
