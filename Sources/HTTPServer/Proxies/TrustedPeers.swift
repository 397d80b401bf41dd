/// Whose word is taken for who the client is: addresses, networks, and whoever connects over a Unix socket.
public struct TrustedPeers: Sendable, Equatable {
    /// An address, a network, or `unix`.
    public enum Entry: Sendable, Hashable, CustomStringConvertible {
        /// Everyone who may connect to a Unix socket; the file system says who that is.
        case unix
        /// IPv4 addresses whose first bits are these.
        case ipv4(UInt32, prefix: Int)
        /// IPv6 addresses whose first bits are these.
        case ipv6(high: UInt64, low: UInt64, prefix: Int)

        /// Why a text is no entry.
        public enum Problem: Error, Equatable {
            /// It is none of `unix`, an address, or an address, a slash and a number of bits.
            case malformed
            /// The address has bits behind those that count: which network is meant?
            case hasHostBits(network: String)
        }

        /// Reads `192.0.2.1`, `192.0.2.0/24`, `2001:db8::/32` or `unix`.
        public init(_ text: String) throws(Problem) {
            if text == "unix" {
                self = .unix
                return
            }
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count <= 2, let address = ClientAddress(parts[0]) else { throw .malformed }
            guard let given = parts.count == 1 ? address.bits : Self.number(parts[1]), given <= address.bits else {
                throw .malformed
            }
            self = Self.network(of: address, prefix: given)
            guard isAt(address) else { throw .hasHostBits(network: description) }
        }

        /// One to three digits, and no zero before another.
        private static func number(_ text: Substring) -> Int? {
            guard (1...3).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                text == "0" || !text.hasPrefix("0")
            else { return nil }
            return Int(text)
        }

        private static func network(of address: ClientAddress, prefix: Int) -> Entry {
            switch address {
            case .ipv4(let address, _):
                return .ipv4(address & mask(prefix), prefix: prefix)
            case .ipv6(let high, let low, _):
                return .ipv6(high: high & mask(prefix), low: low & mask(prefix - 64), prefix: prefix)
            case .unix:
                return .unix
            }
        }

        /// So many ones before zeros.
        private static func mask<Number: FixedWidthInteger & UnsignedInteger>(_ ones: Int) -> Number {
            ones <= 0 ? 0 : ones >= Number.bitWidth ? .max : ~(Number.max >> ones)
        }

        /// Whether an address is the network's own.
        private func isAt(_ address: ClientAddress) -> Bool {
            switch (self, address) {
            case (.ipv4(let network, _), .ipv4(let address, _)): network == address
            case (.ipv6(let high, let low, _), .ipv6(let otherHigh, let otherLow, _)):
                high == otherHigh && low == otherLow
            default: false
            }
        }

        func contains(_ address: ClientAddress) -> Bool {
            switch (self, address) {
            case (.unix, .unix):
                return true
            case (.ipv4(let network, let prefix), .ipv4(let address, _)):
                return address & Self.mask(prefix) == network
            case (.ipv6(let high, let low, let prefix), .ipv6(let otherHigh, let otherLow, _)):
                return otherHigh & Self.mask(prefix) == high && otherLow & Self.mask(prefix - 64) == low
            default:
                return false
            }
        }

        /// As it is read.
        public var description: String {
            switch self {
            case .unix:
                return "unix"
            case .ipv4(let network, let prefix):
                let host = ClientAddress.ipv4(address: network, port: 0).host
                return prefix == 32 ? host : "\(host)/\(prefix)"
            case .ipv6(let high, let low, let prefix):
                let host = ClientAddress.ipv6(high: high, low: low, port: 0).host
                return prefix == 128 ? host : "\(host)/\(prefix)"
            }
        }
    }

    /// What is trusted.
    public var entries: [Entry]

    /// Creates a list; without entries nobody is trusted.
    public init(_ entries: [Entry] = []) { self.entries = entries }

    /// Whether an address is among them. An IPv4 address that is told as IPv6 is the same address.
    public func contains(_ address: ClientAddress) -> Bool {
        if entries.isEmpty { return false }
        let unmapped = address.unmapped
        return entries.contains { $0.contains(unmapped) || $0.contains(address) }
    }
}

extension ClientAddress {
    /// Bits of an address of this family.
    fileprivate var bits: Int {
        switch self {
        case .ipv4: 32
        case .ipv6: 128
        case .unix: 0
        }
    }
}
