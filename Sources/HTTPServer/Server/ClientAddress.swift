import Glibc

/// The address of a client: 20 octets in place, since every connection has one and few are ever looked at.
public enum ClientAddress: Sendable, Equatable, CustomStringConvertible {
    /// An IPv4 address and a port.
    case ipv4(address: UInt32, port: UInt16)
    /// An IPv6 address, its octets in their order, and a port.
    case ipv6(high: UInt64, low: UInt64, port: UInt16)
    /// A Unix socket; clients rarely name theirs.
    case unix

    /// Reads what accept(2) or getpeername(2) has written.
    init(_ storage: sockaddr_storage) {
        self = withUnsafeBytes(of: storage) { bytes in
            switch CInt(storage.ss_family) {
            case AF_INET:
                let address = bytes.loadUnaligned(as: sockaddr_in.self)
                return .ipv4(
                    address: UInt32(bigEndian: address.sin_addr.s_addr),
                    port: UInt16(bigEndian: address.sin_port)
                )
            case AF_INET6:
                let address = bytes.loadUnaligned(as: sockaddr_in6.self)
                let (high, low) = withUnsafeBytes(of: address.sin6_addr) { octets in
                    (octets.loadUnaligned(as: UInt64.self), octets.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                }
                return .ipv6(
                    high: UInt64(bigEndian: high),
                    low: UInt64(bigEndian: low),
                    port: UInt16(bigEndian: address.sin6_port)
                )
            default:
                return .unix
            }
        }
    }

    /// The address of the peer of a connected socket.
    init(peerOf descriptor: CInt) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(descriptor, $0, &length) }
        }
        self = result == 0 ? ClientAddress(storage) : .unix
    }

    /// `192.0.2.1:1234`, `[2001:db8::1]:1234` or `unix`.
    public var description: String {
        switch self {
        case .ipv4(let address, let port):
            // Every request's log entry has one.
            return String(unsafeUninitializedCapacity: 21) { text in
                var count = 0
                for shift: UInt32 in [24, 16, 8, 0] {
                    Self.append(UInt16(address >> shift & 0xff), to: text, &count)
                    text[count] = shift > 0 ? UInt8(ascii: ".") : UInt8(ascii: ":")
                    count += 1
                }
                Self.append(port, to: text, &count)
                return count
            }
        case .ipv6(let high, let low, let port):
            var octets = (high.bigEndian, low.bigEndian)
            return "[\(Self.text(AF_INET6, &octets))]:\(port)"
        case .unix:
            return "unix"
        }
    }

    private static func append(_ number: UInt16, to text: UnsafeMutableBufferPointer<UInt8>, _ count: inout Int) {
        var divisor: UInt16 = 10000
        while divisor > 1, number < divisor { divisor /= 10 }
        while divisor > 0 {
            text[count] = 0x30 + UInt8(truncatingIfNeeded: number / divisor % 10)
            count += 1
            divisor /= 10
        }
    }

    private static func text(_ family: CInt, _ octets: UnsafeRawPointer) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
            guard let start = buffer.baseAddress, inet_ntop(family, octets, start, socklen_t(buffer.count)) != nil
            else {
                return ""
            }
            return String(cString: start)
        }
    }
}
