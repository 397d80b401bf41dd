/// Numbers in paths, queries and fields.
enum NumberText {
    /// A number as JSON writes it (RFC 8259 section 6). `Double` reads more: `.5`, `00`, hexadecimal, and words.
    static func number(_ text: String) throws(ValueProblem) -> Double {
        let word = text.lowercased().drop { $0 == "-" || $0 == "+" }
        if ["nan", "inf", "infinity"].contains(word) { throw .notFinite }
        let octets = Array(text.utf8)
        let isDigit = { (octet: UInt8) in (0x30...0x39).contains(octet) }
        // A JSON value that begins and ends so is a number, without white space around it.
        guard let first = octets.first, let last = octets.last, first == UInt8(ascii: "-") || isDigit(first),
            isDigit(last), JSONText.isValid(octets), let value = Double(text)
        else { throw .notANumber }
        // What is too large to be represented is infinite by now, and out of every bound.
        return value
    }
}
