/// Checks that octets are JSON text (RFC 8259) in UTF-8, so that they can be put into an answer as they are.
///
/// It is fed as the octets come, in pieces of any size. Nothing is built and nothing recurses: the cost is one look at
/// each octet, and one bit for each level of nesting.
public struct JSONText: Sendable {
    /// Levels of nesting, an empty innermost one not counted, past which text is refused, lest it break those who read
    /// the answer.
    static let deepest = 256

    /// What may come next.
    private enum State: UInt8 {
        case value, valueOrEnd, nameOrEnd, name, colon, afterValue
        case string, escape, hexDigits, continuation
        case word
        case minus, zero, digits, point, fraction, exponent, exponentSign, exponentDigits
        case invalid
    }

    private var state = State.value
    /// The open objects (true) and arrays (false).
    private var open: [Bool] = []
    private var isInName = false
    /// Hexadecimal digits, or octets of a character, that are still to come.
    private var pending = 0
    /// Between what the next octet of a character has to be (Unicode, table 3-7).
    private var bounds: ClosedRange<UInt8> = 0x80...0xbf
    /// The rest of `true`, `false` or `null`, its next octet lowest.
    private var word: UInt32 = 0

    /// Creates a check that has seen nothing.
    public init() {}

    /// Whether the octets are one JSON value in valid UTF-8, with white space around it at most.
    static func isValid(_ octets: [UInt8]) -> Bool {
        var text = JSONText()
        octets.withUnsafeBytes { text.read($0) }
        return text.isWhole
    }

    /// Whether what was read is one whole value.
    public var isWhole: Bool {
        guard open.isEmpty else { return false }
        return switch state {
        case .afterValue, .zero, .digits, .fraction, .exponentDigits: true
        default: false
        }
    }

    /// Reads what comes next.
    public mutating func read(_ octets: UnsafeRawBufferPointer) {
        var index = 0
        while index < octets.count {
            if state == .string {
                // Most of most texts.
                while index < octets.count, Self.isPlain(octets[index]) { index += 1 }
                if index == octets.count { return }
            } else if state == .invalid {
                return
            }
            step(octets[index])
            index += 1
        }
    }

    private static func isPlain(_ octet: UInt8) -> Bool {
        octet >= 0x20 && octet < 0x80 && octet != UInt8(ascii: "\"") && octet != UInt8(ascii: "\\")
    }

    private mutating func step(_ octet: UInt8) {
        switch state {
        case .value, .valueOrEnd, .nameOrEnd, .name, .colon, .afterValue: stepBetween(octet)
        case .string, .escape, .hexDigits, .continuation: stepInString(octet)
        case .word:
            guard octet == UInt8(truncatingIfNeeded: word) else { return state = .invalid }
            word >>= 8
            if word == 0 { state = .afterValue }
        case .minus, .zero, .digits, .point, .fraction, .exponent, .exponentSign, .exponentDigits: stepInNumber(octet)
        case .invalid: break
        }
    }
}

// MARK: Between values

extension JSONText {
    private mutating func stepBetween(_ octet: UInt8) {
        switch octet {
        case 0x20, 0x09, 0x0a, 0x0d: return
        case UInt8(ascii: "]"):
            guard state == .valueOrEnd || state == .afterValue, open.popLast() == false else { return state = .invalid }
            state = .afterValue
        case UInt8(ascii: "}"):
            guard state == .nameOrEnd || state == .afterValue, open.popLast() == true else { return state = .invalid }
            state = .afterValue
        case UInt8(ascii: ","):
            guard state == .afterValue, let isObject = open.last else { return state = .invalid }
            state = isObject ? .name : .value
        case UInt8(ascii: ":"):
            state = state == .colon ? .value : .invalid
        case UInt8(ascii: "\""):
            guard open.count <= Self.deepest else { return state = .invalid }
            switch state {
            case .name, .nameOrEnd: isInName = true
            case .value, .valueOrEnd: isInName = false
            default: return state = .invalid
            }
            state = .string
        default:
            guard state == .value || state == .valueOrEnd, open.count <= Self.deepest else { return state = .invalid }
            begin(octet)
        }
    }

    /// Begins a value that is no string.
    private mutating func begin(_ octet: UInt8) {
        switch octet {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            open.append(octet == UInt8(ascii: "{"))
            state = octet == UInt8(ascii: "{") ? .nameOrEnd : .valueOrEnd
        case UInt8(ascii: "-"): state = .minus
        case UInt8(ascii: "0"): state = .zero
        case UInt8(ascii: "1")...UInt8(ascii: "9"): state = .digits
        case UInt8(ascii: "t"): (state, word) = (.word, 0x65_75_72)
        case UInt8(ascii: "f"): (state, word) = (.word, 0x65_73_6c_61)
        case UInt8(ascii: "n"): (state, word) = (.word, 0x6c_6c_75)
        default: state = .invalid
        }
    }
}

// MARK: Inside strings and numbers

extension JSONText {
    private mutating func stepInString(_ octet: UInt8) {
        switch state {
        case .string:
            switch octet {
            case UInt8(ascii: "\""): state = isInName ? .colon : .afterValue
            case UInt8(ascii: "\\"): state = .escape
            case 0x20..<0x80: break
            default: beginCharacter(octet)
            }
        case .escape:
            switch octet {
            case UInt8(ascii: "u"): (state, pending) = (.hexDigits, 4)
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
                UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
                state = .string
            default: state = .invalid
            }
        case .hexDigits:
            guard PercentEncoding.hexValue(octet) != nil else { return state = .invalid }
            pending -= 1
            if pending == 0 { state = .string }
        default:
            guard bounds.contains(octet) else { return state = .invalid }
            bounds = 0x80...0xbf
            pending -= 1
            if pending == 0 { state = .string }
        }
    }

    /// Begins a character of several octets: neither longer than need be, nor a surrogate, nor beyond Unicode.
    private mutating func beginCharacter(_ octet: UInt8) {
        switch octet {
        case 0xc2...0xdf: (pending, bounds) = (1, 0x80...0xbf)
        case 0xe0: (pending, bounds) = (2, 0xa0...0xbf)
        case 0xed: (pending, bounds) = (2, 0x80...0x9f)
        case 0xe1...0xef: (pending, bounds) = (2, 0x80...0xbf)
        case 0xf0: (pending, bounds) = (3, 0x90...0xbf)
        case 0xf1...0xf3: (pending, bounds) = (3, 0x80...0xbf)
        case 0xf4: (pending, bounds) = (3, 0x80...0x8f)
        default: return state = .invalid
        }
        state = .continuation
    }

    private mutating func stepInNumber(_ octet: UInt8) {
        let isDigit = (0x30...0x39).contains(octet)
        switch (state, octet) {
        case (.minus, 0x30): state = .zero
        case (.minus, _) where isDigit: state = .digits
        case (.digits, _) where isDigit, (.fraction, _) where isDigit, (.exponentDigits, _) where isDigit: break
        case (.zero, UInt8(ascii: ".")), (.digits, UInt8(ascii: ".")): state = .point
        case (.point, _) where isDigit: state = .fraction
        case (.zero, 0x45), (.zero, 0x65), (.digits, 0x45), (.digits, 0x65), (.fraction, 0x45), (.fraction, 0x65):
            state = .exponent
        case (.exponent, UInt8(ascii: "+")), (.exponent, UInt8(ascii: "-")): state = .exponentSign
        case (.exponent, _) where isDigit, (.exponentSign, _) where isDigit: state = .exponentDigits
        case (.zero, _), (.digits, _), (.fraction, _), (.exponentDigits, _):
            // Nothing but what follows it ends a number.
            guard !isDigit else { return state = .invalid }
            state = .afterValue
            stepBetween(octet)
        default: state = .invalid
        }
    }
}
