import CSystemd
import Glibc

/// The address that a socket is bound to, as getsockname(2) gives it.
struct SocketAddress {
    private var storage: sockaddr_storage
    private let length: Int

    /// Asks the kernel; `nil` with errno set on failure.
    init?(of descriptor: CInt) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard result == 0 else { return nil }
        self.storage = storage
        self.length = min(Int(length), MemoryLayout<sockaddr_storage>.size)
    }

    var family: CInt { CInt(storage.ss_family) }

    /// For a log: `127.0.0.1:8080`, `[::1]:8080`, `/run/hello.sock` or `@abstract`, with everything but printable
    /// ASCII escaped.
    var text: String {
        switch family {
        case AF_INET: internet4
        case AF_INET6: internet6
        case AF_UNIX: unix
        default: "family \(family)"
        }
    }

    private var internet4: String {
        withUnsafeBytes(of: storage) { bytes in
            let address = bytes.loadUnaligned(as: sockaddr_in.self)
            var host = address.sin_addr
            return "\(Self.host(AF_INET, &host)):\(UInt16(bigEndian: address.sin_port))"
        }
    }

    private var internet6: String {
        withUnsafeBytes(of: storage) { bytes in
            let address = bytes.loadUnaligned(as: sockaddr_in6.self)
            var host = address.sin6_addr
            // A link-local address means nothing without its interface.
            let scope = address.sin6_scope_id == 0 ? "" : "%\(address.sin6_scope_id)"
            return "[\(Self.host(AF_INET6, &host))\(scope)]:\(UInt16(bigEndian: address.sin6_port))"
        }
    }

    private var unix: String {
        let start = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? MemoryLayout<sa_family_t>.size
        return withUnsafeBytes(of: storage) { bytes in
            guard length > start else { return "(unnamed)" }
            let name = bytes[start..<length]
            guard name.first != 0 else {
                return "@" + Text.printable(String(decoding: name.dropFirst(), as: UTF8.self), limit: 107)
            }
            return Text.printable(String(decoding: name.prefix { $0 != 0 }, as: UTF8.self), limit: 107)
        }
    }

    private static func host(_ family: CInt, _ address: UnsafeRawPointer) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
            guard let text = inet_ntop(family, address, buffer.baseAddress, socklen_t(buffer.count)) else { return "?" }
            return String(cString: text)
        }
    }
}
