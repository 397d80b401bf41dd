import Glibc

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
            guard isFutureAddress(bytes, literalStart..<cursor) || isIPv6Address(bytes, literalStart..<cursor) else {
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

    /// Whether inet_pton(3) takes it, as the kernel would: eight groups at most, one `::`, an IPv4 address at the end.
    private static func isIPv6Address(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard range.count < INET6_ADDRSTRLEN else { return false }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: range.count + 1) { text in
            for (offset, index) in range.enumerated() { text[offset] = CChar(bitPattern: bytes[index]) }
            text[range.count] = 0
            var address = in6_addr()
            return text.baseAddress.map { inet_pton(AF_INET6, $0, &address) == 1 } ?? false
        }
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
