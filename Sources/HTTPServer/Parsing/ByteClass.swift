/// A set of ASCII octets, as HTTP's grammar uses them; octets above 127 are never members.
struct ByteClass {
    private let low: UInt64
    private let high: UInt64

    private init(_ low: UInt64, _ high: UInt64) {
        self.low = low
        self.high = high
    }

    /// `tchar` of RFC 9110 section 5.6.2: what methods and field names are made of.
    static var token: ByteClass { ByteClass(0x03ff_6cfa_0000_0000, 0x57ff_ffff_c7ff_fffe) }
    /// What RFC 3986 allows in a path or a query, `/` and `?` included; `%` is checked apart.
    static var target: ByteClass { ByteClass(0xafff_ffd2_0000_0000, 0x47ff_fffe_87ff_ffff) }
    /// `unreserved` and `sub-delims` of RFC 3986: what a registered name is made of; `%` is checked apart.
    static var registeredName: ByteClass { ByteClass(0x2bff_7fd2_0000_0000, 0x47ff_fffe_87ff_fffe) }

    @inline(__always)
    func contains(_ octet: UInt8) -> Bool {
        octet < 64 ? (low >> UInt64(octet)) & 1 == 1 : octet < 128 && (high >> UInt64(octet & 63)) & 1 == 1
    }
}

/// The octets that HTTP's grammar names.
enum Octet {
    static let tab = UInt8(ascii: "\t")
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let space = UInt8(ascii: " ")
    static let comma = UInt8(ascii: ",")
    static let colon = UInt8(ascii: ":")
    static let semicolon = UInt8(ascii: ";")
    static let percent = UInt8(ascii: "%")
    static let slash = UInt8(ascii: "/")
    static let question = UInt8(ascii: "?")
    static let quote = UInt8(ascii: "\"")
    static let backslash = UInt8(ascii: "\\")

    @inline(__always)
    static func isDigit(_ octet: UInt8) -> Bool { octet &- 0x30 < 10 }

    /// Whether the octet may stand in a field value: visible ASCII, `obs-text`, space and tab (RFC 9110 section 5.5).
    @inline(__always)
    static func isFieldContent(_ octet: UInt8) -> Bool { (octet >= 0x20 && octet != 0x7f) || octet == tab }

    /// The value of a hexadecimal digit.
    @inline(__always)
    static func hexValue(_ octet: UInt8) -> UInt8? {
        switch octet {
        case 0x30...0x39: octet - 0x30
        case 0x41...0x46: octet - 0x41 + 10
        case 0x61...0x66: octet - 0x61 + 10
        default: nil
        }
    }
}

extension [UInt8] {
    /// Appends a copy of octets.
    mutating func append(_ octets: Span<UInt8>) {
        octets.withUnsafeBufferPointer { append(contentsOf: $0) }
    }
}

extension Span<UInt8> {
    /// Compares a range with an ASCII literal in lower case, without regard to the case of the range.
    @inline(__always)
    func matches(_ range: Range<Int>, lowercased literal: StaticString) -> Bool {
        guard range.count == literal.utf8CodeUnitCount else { return false }
        return literal.withUTF8Buffer { expected in
            for offset in 0..<range.count {
                var octet = self[range.lowerBound + offset]
                if octet &- 0x41 < 26 { octet |= 0x20 }
                if octet != expected[offset] { return false }
            }
            return true
        }
    }

    /// Compares a range with an ASCII literal exactly.
    @inline(__always)
    func equals(_ range: Range<Int>, _ literal: StaticString) -> Bool {
        guard range.count == literal.utf8CodeUnitCount else { return false }
        return literal.withUTF8Buffer { expected in
            for offset in 0..<range.count where self[range.lowerBound + offset] != expected[offset] { return false }
            return true
        }
    }

    /// The range without the spaces and tabs at its ends (`OWS`, RFC 9110 section 5.6.3).
    @inline(__always)
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, self[start] == Octet.space || self[start] == Octet.tab { start += 1 }
        while end > start, self[end - 1] == Octet.space || self[end - 1] == Octet.tab { end -= 1 }
        return start..<end
    }

    /// Calls `body` with each element of a comma-separated list, trimmed; empty elements are passed too.
    func forEachListElement(_ range: Range<Int>, _ body: (Range<Int>) -> Void) {
        var start = range.lowerBound
        for index in range where self[index] == Octet.comma {
            body(trimmed(start..<index))
            start = index + 1
        }
        body(trimmed(start..<range.upperBound))
    }

    /// Whether the `%` at an index is followed by two hexadecimal digits.
    @inline(__always)
    func hasPercentTriplet(at index: Int, before end: Int) -> Bool {
        index + 2 < end && Octet.hexValue(self[index + 1]) != nil && Octet.hexValue(self[index + 2]) != nil
    }
}
