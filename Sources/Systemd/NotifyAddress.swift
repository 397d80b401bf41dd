import CSystemd
import Glibc

/// The socket that `NOTIFY_SOCKET` names: a path, or `@` and an abstract name.
struct NotifyAddress: Hashable, Sendable {
    /// As in the variable.
    let value: String
    /// What goes into `sun_path`: an abstract name begins with a zero byte.
    let path: [UInt8]

    /// The bytes of `sun_path`, less the zero byte that ends a path.
    static let longestPath = 107

    /// Reads the variable's value. Pure, and as strict as libsystemd.
    ///
    /// systemd knows `vsock:` addresses too, for a virtual machine's own manager; a service is never given one.
    init(_ bytes: [UInt8]) throws(NotificationError) {
        let value = String(decoding: bytes, as: UTF8.self)
        guard let first = bytes.first, first == UInt8(ascii: "/") || first == UInt8(ascii: "@") else {
            throw .invalidAddress(value: value, reason: "is neither an absolute path nor @ and an abstract name")
        }
        guard bytes.count > 1 else {
            throw .invalidAddress(value: value, reason: "names no socket")
        }
        guard bytes.count <= Self.longestPath else {
            throw .invalidAddress(value: value, reason: "is longer than \(Self.longestPath) bytes")
        }
        self.value = value
        path = first == UInt8(ascii: "@") ? [0] + bytes.dropFirst() : bytes
    }

    /// The address of this environment, or `nil` if there is no `NOTIFY_SOCKET`.
    static func fromEnvironment() throws(NotificationError) -> NotifyAddress? {
        guard let value = getenv("NOTIFY_SOCKET") else { return nil }
        return try NotifyAddress(Array(UnsafeRawBufferPointer(start: value, count: strlen(value))))
    }

    /// Calls `body` with the address as the socket calls want it.
    func withSocketAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let start = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? MemoryLayout<sa_family_t>.size
        // An abstract name is as long as it says; a path ends with the zero byte behind it.
        let length = start + path.count + (path.first == 0 ? 0 : 1)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(length)) }
        }
    }
}
