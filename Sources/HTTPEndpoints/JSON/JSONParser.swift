/// Why octets are no JSON text that is taken.
package struct JSONSyntaxError: Error, Equatable, Sendable {
    /// The octets before the place.
    var offset: Int
    /// What is wrong there, in one phrase.
    var reason: String
}

extension JSON {
    /// Reads JSON text (RFC 8259) in UTF-8: one value, with white space around it at most.
    ///
    /// Whole numbers that `Int` holds become `.integer`, however they are written. A name that an object gives twice is an
    /// error, since readers differ in which of the values they take; so is a number that no `Double` comes near to.
    package init(parsing octets: [UInt8]) throws(JSONSyntaxError) {
        var parser = JSONParser(octets: octets)
        self = try parser.document()
    }
}

/// Reads JSON text in one pass, with at most two looks at each octet.
private struct JSONParser {
    /// Levels of nesting past which text is refused: reading recurses, and so do those who read the value.
    static let deepest = 64
    /// Members up to which an object's names are compared one by one, which is quicker than a set of few.
    static let few = 8

    /// Octets of a name. Types look their members up as `String`, whose comparison takes a time that grows with the
    /// square of the combining marks in a row.
    static let longestName = 1_024

    let octets: [UInt8]
    var index = 0
    var depth = 0

    init(octets: [UInt8]) { self.octets = octets }

    /// Reads the whole text.
    mutating func document() throws(JSONSyntaxError) -> JSON {
        let value = try value()
        guard next() == nil else { throw error("nothing may follow the value") }
        return value
    }

    private func error(_ reason: String, at offset: Int? = nil) -> JSONSyntaxError {
        JSONSyntaxError(offset: offset ?? index, reason: reason)
    }

    /// The octet here, as a character where it is one of ASCII; nil at the end.
    private var here: Unicode.Scalar? { index < octets.count ? Unicode.Scalar(octets[index]) : nil }

    /// Skips white space, and gives what stands behind it.
    private mutating func next() -> Unicode.Scalar? {
        while index < octets.count {
            switch octets[index] {
            case 0x20, 0x09, 0x0a, 0x0d: index += 1
            default: return here
            }
        }
        return nil
    }

    /// Steps over a character if it is the one here.
    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard here == character else { return false }
        index += 1
        return true
    }

    private mutating func value() throws(JSONSyntaxError) -> JSON {
        switch next() {
        case "{"?: return try nested { (parser) throws(JSONSyntaxError) in try parser.object() }
        case "["?: return try nested { (parser) throws(JSONSyntaxError) in try parser.array() }
        case "\""?: return .string(try string())
        case "t"?: return try word("true", .bool(true))
        case "f"?: return try word("false", .bool(false))
        case "n"?: return try word("null", .null)
        case "-"?, ("0"..."9")?: return try number()
        case nil: throw error("the text ends where a value is expected")
        default: throw error("a value is expected")
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSON) throws(JSONSyntaxError) -> JSON {
        let end = index + word.utf8CodeUnitCount
        let text = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        guard end <= octets.count, octets[index..<end].elementsEqual(text) else { throw error("a value is expected") }
        index = end
        return value
    }

    // MARK: Nesting

    private mutating func nested(
        _ read: (inout JSONParser) throws(JSONSyntaxError) -> JSON
    ) throws(JSONSyntaxError) -> JSON {
        guard depth < Self.deepest else { throw error("values are nested more than \(Self.deepest) deep") }
        depth += 1
        index += 1
        defer { depth -= 1 }
        return try read(&self)
    }

    private mutating func array() throws(JSONSyntaxError) -> JSON {
        var values: [JSON] = []
        if next() == "]" {
            index += 1
            return .array([])
        }
        repeat { values.append(try value()) } while try goesOn(until: "]")
        return .array(values)
    }

    private mutating func object() throws(JSONSyntaxError) -> JSON {
        var members: [JSON.Member] = []
        var names: Set<ExactText> = []
        if next() == "}" {
            index += 1
            return .object([])
        }
        repeat {
            guard next() == "\"" else { throw error("a name in quotes is expected") }
            let start = index
            let name = try string()
            guard name.utf8.count <= Self.longestName else { throw error("a name is too long", at: start) }
            if members.count == Self.few { names = Set(members.map { ExactText($0.name) }) }
            let isNew =
                members.count < Self.few
                ? !members.contains { ExactText($0.name) == ExactText(name) }
                : names.insert(ExactText(name)).inserted
            guard isNew else { throw error("a name is given twice", at: start) }
            guard next() == ":" else { throw error("a colon is expected") }
            index += 1
            members.append(JSON.Member(name: name, value: try value()))
        } while try goesOn(until: "}")
        return .object(members)
    }

    /// Steps over what stands behind an element; false where that is the end.
    private mutating func goesOn(until end: Unicode.Scalar) throws(JSONSyntaxError) -> Bool {
        let character = next()
        guard character == "," || character == end else {
            throw error(character == nil ? "the text ends before '\(end)'" : "',' or '\(end)' is expected")
        }
        index += 1
        return character == ","
    }

    // MARK: Numbers

    private mutating func number() throws(JSONSyntaxError) -> JSON {
        let start = index
        let isNegative = skip("-")
        var whole: Int? = 0
        if !skip("0") {
            try digits { digit in
                let (tens, isTooLarge) = (whole ?? 0).multipliedReportingOverflow(by: 10)
                let (sum, isTooMuch) = tens.addingReportingOverflow(isNegative ? -digit : digit)
                whole = whole == nil || isTooLarge || isTooMuch ? nil : sum
            }
        }
        let end = index
        if skip(".") { try digits { _ in } }
        if skip("e") || skip("E") {
            if !skip("+") { _ = skip("-") }
            try digits { _ in }
        }
        if let whole, index == end { return .integer(whole) }
        let text = String(decoding: octets[start..<index], as: UTF8.self)
        guard let value = Double(text), value.isFinite else { throw error("a number is too large", at: start) }
        return JSON(number: value)
    }

    private mutating func digits(_ take: (Int) -> Void) throws(JSONSyntaxError) {
        let start = index
        while index < octets.count, (0x30...0x39).contains(octets[index]) {
            take(Int(octets[index] - 0x30))
            index += 1
        }
        guard index > start else { throw error("a digit is expected") }
    }
}

// MARK: Strings

extension JSONParser {
    private mutating func string() throws(JSONSyntaxError) -> String {
        index += 1
        var text = ""
        while true {
            let start = index
            while index < octets.count, Self.isPlain(octets[index]) { index += 1 }
            // What is plain ends at a character of ASCII, and so never within a character.
            let plain = try characters(start..<index)
            if text.isEmpty { text = plain } else { text += plain }
            switch here {
            case "\""?:
                index += 1
                return text
            case "\\"?: text.unicodeScalars.append(try escape())
            case nil: throw error("the text ends within a string")
            default: throw error("a control character is not escaped")
            }
        }
    }

    private static func isPlain(_ octet: UInt8) -> Bool {
        octet >= 0x20 && octet != UInt8(ascii: "\"") && octet != UInt8(ascii: "\\")
    }

    private func characters(_ range: Range<Int>) throws(JSONSyntaxError) -> String {
        do {
            return String(copying: try UTF8Span(validating: octets.span.extracting(range)))
        } catch {
            throw self.error("a string is not UTF-8", at: range.lowerBound + error.byteOffsets.lowerBound)
        }
    }

    private mutating func escape() throws(JSONSyntaxError) -> Unicode.Scalar {
        let start = index
        index += 1
        let letter = here
        index += 1
        switch letter {
        case "\""?: return "\""
        case "\\"?: return "\\"
        case "/"?: return "/"
        case "b"?: return "\u{8}"
        case "f"?: return "\u{c}"
        case "n"?: return "\n"
        case "r"?: return "\r"
        case "t"?: return "\t"
        case "u"?: break
        default: throw error("an escape is not known", at: start)
        }
        let unit = try hexDigits()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard unit < 0xdc00, skip("\\"), skip("u"), case let low = try hexDigits(), (0xdc00...0xdfff).contains(low),
            let scalar = Unicode.Scalar(0x1_0000 + (UInt32(unit) - 0xd800) << 10 + UInt32(low) - 0xdc00)
        else { throw error("half of a surrogate pair stands alone", at: start) }
        return scalar
    }

    private mutating func hexDigits() throws(JSONSyntaxError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard index < octets.count, let digit = PercentEncoding.hexValue(octets[index]) else {
                throw error("four hexadecimal digits are expected")
            }
            unit = unit << 4 | UInt16(digit)
            index += 1
        }
        return unit
    }
}
