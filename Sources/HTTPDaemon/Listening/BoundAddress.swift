import Glibc

/// The address that a listening socket has, for the log: with port 0 the kernel chose it, and a socket unit is another's.
enum BoundAddress {
    /// `127.0.0.1:8080`, `[::1]:8080`, `unix:/path` or `unix:@abstract`.
    static func text(of descriptor: CInt) -> String {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard result == 0 else { return "(unknown)" }
        return withUnsafeBytes(of: storage) { bytes in
            switch CInt(storage.ss_family) {
            case AF_INET:
                var address = bytes.loadUnaligned(as: sockaddr_in.self)
                return "\(host(AF_INET, &address.sin_addr)):\(UInt16(bigEndian: address.sin_port))"
            case AF_INET6:
                var address = bytes.loadUnaligned(as: sockaddr_in6.self)
                let scope = address.sin6_scope_id == 0 ? "" : "%\(address.sin6_scope_id)"
                return "[\(host(AF_INET6, &address.sin6_addr))\(scope)]:\(UInt16(bigEndian: address.sin6_port))"
            case AF_UNIX:
                return "unix:" + path(bytes.prefix(Int(length)).dropFirst(MemoryLayout<sa_family_t>.size))
            default:
                return "family \(storage.ss_family)"
            }
        }
    }

    private static func path(_ name: Slice<UnsafeRawBufferPointer>) -> String {
        guard let first = name.first else { return "(unnamed)" }
        let octets = first == 0 ? name.dropFirst() : name.prefix { $0 != 0 }
        return (first == 0 ? "@" : "") + escaped(String(decoding: octets, as: UTF8.self))
    }

    private static func host(_ family: CInt, _ address: UnsafeRawPointer) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
            guard let text = inet_ntop(family, address, buffer.baseAddress, socklen_t(buffer.count)) else { return "?" }
            return String(cString: text)
        }
    }
}
