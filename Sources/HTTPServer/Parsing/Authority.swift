/// `host [":" port]` of RFC 3986 section 3.2, as Host and request targets carry it. User information is not allowed
/// (RFC 9110 section 4.2.4).
enum Authority {
    static func isValid(_ bytes: Span<UInt8>, _ range: Range<Int>, portRequired: Bool) -> Bool {
        guard !range.isEmpty else { return false }
        var cursor = range.lowerBound
        if bytes[cursor] == UInt8(ascii: "[") {
            cursor += 1
            let literalStart = cursor
            while cursor < range.upperBound, isAddressLiteral(bytes[cursor]) { cursor += 1 }
            guard cursor > literalStart, cursor < range.upperBound, bytes[cursor] == UInt8(ascii: "]") else {
                return false
            }
            guard isFutureAddress(bytes, literalStart..<cursor) || hasColon(bytes, literalStart..<cursor) else {
                return false
            }
            cursor += 1
        } else {
            while cursor < range.upperBound, bytes[cursor] != Octet.colon {
                if bytes[cursor] == Octet.percent {
                    guard bytes.hasPercentTriplet(at: cursor, before: range.upperBound) else { return false }
                } else {
                    guard ByteClass.registeredName.contains(bytes[cursor]) else { return false }
                }
                cursor += 1
            }
            guard cursor > range.lowerBound else { return false }
        }
        if cursor == range.upperBound { return !portRequired }
        guard bytes[cursor] == Octet.colon else { return false }
        return isPort(bytes, cursor + 1..<range.upperBound, required: portRequired)
    }

    /// The octets of an IPv6 address or an `IPvFuture` between brackets.
    private static func isAddressLiteral(_ octet: UInt8) -> Bool {
        ByteClass.registeredName.contains(octet) || octet == Octet.colon
    }

    /// `IPvFuture = "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" )` of RFC 3986 section 3.2.2.
    private static func isFutureAddress(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard bytes[range.lowerBound] | 0x20 == UInt8(ascii: "v") else { return false }
        let version = range.lowerBound + 1
        var cursor = version
        while cursor < range.upperBound, Octet.hexValue(bytes[cursor]) != nil { cursor += 1 }
        guard cursor > version, cursor < range.upperBound, bytes[cursor] == UInt8(ascii: ".") else { return false }
        return cursor + 1 < range.upperBound
    }

    private static func hasColon(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        for index in range {
            let octet = bytes[index]
            guard Octet.hexValue(octet) != nil || octet == Octet.colon || octet == UInt8(ascii: ".") else {
                return false
            }
        }
        for index in range where bytes[index] == Octet.colon { return true }
        return false
    }

    private static func isPort(_ bytes: Span<UInt8>, _ range: Range<Int>, required: Bool) -> Bool {
        if range.isEmpty { return !required }
        guard range.count <= 5 else { return false }
        var port = 0
        for index in range {
            guard Octet.isDigit(bytes[index]) else { return false }
            port = port * 10 + Int(bytes[index] - 0x30)
        }
        return port <= 65535
    }
}
