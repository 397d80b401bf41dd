import Glibc

/// Text for error messages, made from what others wrote.
enum Text {
    /// `value` in quotes on one line of printable ASCII, cut after `limit` characters: fit for a log or a terminal,
    /// whatever the environment held.
    static func quoted(_ value: String, limit: Int = 64) -> String {
        "\"\(printable(value, limit: limit))\""
    }

    /// `value` with everything but printable ASCII escaped, cut after `limit` scalars.
    static func printable(_ value: String, limit: Int) -> String {
        var text = ""
        for (position, scalar) in value.unicodeScalars.enumerated() {
            if position == limit {
                text += "..."
                break
            }
            text += scalar == "\\" || scalar == "\"" ? "\\\(scalar)" : scalar.escaped(asASCII: true)
        }
        return text
    }

    /// What an errno value means, with its number: `Connection refused (errno 111)`.
    static func error(_ number: CInt) -> String {
        guard let text = strerror(number) else { return "errno \(number)" }
        return "\(String(cString: text)) (errno \(number))"
    }
}
