/// Percent-encoding (RFC 3986 section 2.1). The server has refused targets with broken triplets already.
enum PercentEncoding {
    /// The octets that a part of a target stands for.
    ///
    /// - Parameter plusIsSpace: As in queries, which HTML forms write so (`application/x-www-form-urlencoded`).
    static func octets(_ text: some StringProtocol, plusIsSpace: Bool = false) -> [UInt8] {
        var octets: [UInt8] = []
        octets.reserveCapacity(text.utf8.count)
        var iterator = text.utf8.makeIterator()
        while let octet = iterator.next() {
            if octet == UInt8(ascii: "%"), let high = iterator.next().flatMap(hexValue),
                let low = iterator.next().flatMap(hexValue)
            {
                octets.append(high << 4 | low)
            } else {
                octets.append(plusIsSpace && octet == UInt8(ascii: "+") ? UInt8(ascii: " ") : octet)
            }
        }
        return octets
    }

    /// The text that a part of a target stands for, or nil where that is not UTF-8 (overlong forms and surrogates are
    /// not).
    static func decode(_ text: some StringProtocol, plusIsSpace: Bool = false) -> String? {
        String(validating: octets(text, plusIsSpace: plusIsSpace), as: UTF8.self)
    }

    /// Whether a part of a target stands for this text.
    static func stands(_ part: Substring.UTF8View, for text: String) -> Bool {
        var octets = part.makeIterator()
        for wanted in text.utf8 {
            guard var octet = octets.next() else { return false }
            if octet == UInt8(ascii: "%"), let high = octets.next().flatMap(hexValue),
                let low = octets.next().flatMap(hexValue)
            {
                octet = high << 4 | low
            }
            guard octet == wanted else { return false }
        }
        return octets.next() == nil
    }

    /// What a hexadecimal digit stands for.
    static func hexValue(_ octet: UInt8) -> UInt8? {
        switch octet {
        case 0x30...0x39: octet - 0x30
        case 0x41...0x46: octet - 0x37
        case 0x61...0x66: octet - 0x57
        default: nil
        }
    }
}
