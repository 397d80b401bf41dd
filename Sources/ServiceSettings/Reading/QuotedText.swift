/// Puts a value into quotes for a message: bounded, on one line, and harmless on a terminal.
///
/// Control and format characters (those that move the cursor or turn the text's direction), quotes and backslashes are
/// escaped as Swift would write them; past `limit` scalars the rest is an ellipsis.
package func quoted(_ text: some StringProtocol, limit: Int = 80) -> String {
    "\"" + escaped(text, limit: limit, quote: true) + "\""
}

/// The same without the quotes, for names of files that begin a message.
package func escaped(_ text: some StringProtocol, limit: Int = 240, quote: Bool = false) -> String {
    var result = ""
    for (count, scalar) in text.unicodeScalars.enumerated() {
        if count == limit { return result + "…" }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse:
            result += scalar.escapedForMessage
        default:
            if quote, scalar == "\"" || scalar == "\\" { result += "\\" }
            result.unicodeScalars.append(scalar)
        }
    }
    return result
}

extension Unicode.Scalar {
    fileprivate var escapedForMessage: String {
        switch self {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        default: "\\u{\(String(value, radix: 16))}"
        }
    }
}
