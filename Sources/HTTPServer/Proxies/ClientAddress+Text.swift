import Glibc

extension ClientAddress {
    /// Reads an IP address as it stands in a field or in a setting: no brackets, no port, no zone, no leading zeros.
    init?(_ text: some StringProtocol, port: UInt16 = 0) {
        // Checked first: inet_pton(3) stops at a NUL.
        guard text.utf8.count < INET6_ADDRSTRLEN, text.utf8.allSatisfy(Self.isOfAddress) else { return nil }
        if text.utf8.contains(UInt8(ascii: ":")) {
            var octets = (UInt64(0), UInt64(0))
            guard inet_pton(AF_INET6, String(text), &octets) == 1 else { return nil }
            self = .ipv6(high: UInt64(bigEndian: octets.0), low: UInt64(bigEndian: octets.1), port: port)
        } else {
            var address: UInt32 = 0
            guard inet_pton(AF_INET, String(text), &address) == 1 else { return nil }
            self = .ipv4(address: UInt32(bigEndian: address), port: port)
        }
    }

    /// Hexadecimal digits, dots and colons.
    private static func isOfAddress(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "0")...UInt8(ascii: ":"), UInt8(ascii: "."), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }

    /// The address without its port, as it is written in a list of networks.
    var host: String {
        let text = description
        switch self {
        case .ipv4: return String(text.prefix { $0 != ":" })
        case .ipv6: return String(text.dropFirst().prefix { $0 != "]" })
        case .unix: return text
        }
    }

    /// An IPv4 address that a socket for both families tells as IPv6 (RFC 4291 section 2.5.5.2), as the one it is.
    var unmapped: ClientAddress {
        guard case .ipv6(high: 0, let low, let port) = self, low >> 32 == 0xffff else { return self }
        return .ipv4(address: UInt32(truncatingIfNeeded: low), port: port)
    }
}
