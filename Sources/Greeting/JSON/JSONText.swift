/// Checks that octets are JSON text (RFC 8259), so that they can be put into an answer as they are.
///
/// Nothing is built and nothing recurses: the cost is one pass, and one bit for each level of nesting.
struct JSONText {
    /// Levels of nesting past which text is refused, lest it break those who read the answer.
    static let deepest = 256

    private let octets: [UInt8]
    private var index = 0

    /// Whether the octets are one JSON value in valid UTF-8, with white space around it at most.
    static func isValid(_ octets: [UInt8]) -> Bool {
        guard String(validating: octets, as: UTF8.self) != nil else { return false }
        var text = JSONText(octets: octets)
        return text.readAll()
    }

    private init(octets: [UInt8]) {
        self.octets = octets
    }

    private var current: UInt8? { index < octets.count ? octets[index] : nil }

    private mutating func skipBlanks() {
        while let octet = current, [0x20, 0x09, 0x0a, 0x0d].contains(octet) { index += 1 }
    }

    private mutating func take(_ octet: Character) -> Bool {
        guard let ascii = octet.asciiValue, current == ascii else { return false }
        index += 1
        return true
    }

    private mutating func readAll() -> Bool {
        /// The open objects (true) and arrays (false).
        var open: [Bool] = []
        while true {
            skipBlanks()
            if take("{") {
                skipBlanks()
                if !take("}") {
                    open.append(true)
                    guard open.count <= Self.deepest, readName() else { return false }
                    continue
                }
            } else if take("[") {
                skipBlanks()
                if !take("]") {
                    open.append(false)
                    guard open.count <= Self.deepest else { return false }
                    continue
                }
            } else {
                guard readScalar() else { return false }
            }
            // A value has ended: what follows is the next one, or the end of what holds it.
            while true {
                skipBlanks()
                guard let isObject = open.last else { return index == octets.count }
                if take(",") {
                    skipBlanks()
                    if isObject { guard readName() else { return false } }
                    break
                }
                guard take(isObject ? "}" : "]") else { return false }
                open.removeLast()
            }
        }
    }

    private mutating func readName() -> Bool {
        guard readString() else { return false }
        skipBlanks()
        return take(":")
    }

    private mutating func readScalar() -> Bool {
        switch current {
        case UInt8(ascii: "\""): readString()
        case UInt8(ascii: "t"): readWord("true")
        case UInt8(ascii: "f"): readWord("false")
        case UInt8(ascii: "n"): readWord("null")
        default: readNumber()
        }
    }

    private mutating func readWord(_ word: StaticString) -> Bool {
        for octet in "\(word)".utf8 {
            guard current == octet else { return false }
            index += 1
        }
        return true
    }

    private mutating func readString() -> Bool {
        guard take("\"") else { return false }
        while let octet = current {
            index += 1
            switch octet {
            case UInt8(ascii: "\""): return true
            case 0x00..<0x20: return false
            case UInt8(ascii: "\\"):
                guard let escape = current else { return false }
                index += 1
                if escape == UInt8(ascii: "u") {
                    guard readHexDigits(4) else { return false }
                } else {
                    guard "\"\\/bfnrt".utf8.contains(escape) else { return false }
                }
            default: continue
            }
        }
        return false
    }

    private mutating func readHexDigits(_ count: Int) -> Bool {
        for _ in 0..<count {
            guard let octet = current, PercentEncoding.hexValue(octet) != nil else { return false }
            index += 1
        }
        return true
    }

    private mutating func readNumber() -> Bool {
        _ = take("-")
        if !take("0") { guard readDigits() else { return false } }
        if take(".") { guard readDigits() else { return false } }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            return readDigits()
        }
        return true
    }

    /// At least one digit.
    private mutating func readDigits() -> Bool {
        let start = index
        while let octet = current, (0x30...0x39).contains(octet) { index += 1 }
        return index > start
    }
}
