import CSystemd
import Glibc
import Testing

/// A descriptor of the test's own, closed on exec, closed at the end.
///
/// Numbered from 200 on, so that it can be passed as 3 and up without one overwriting the next.
final class TestDescriptor: Sendable {
    let number: CInt

    /// Takes over `number`, which is the result of a call that may have failed.
    init(_ number: CInt, sourceLocation: SourceLocation = #_sourceLocation) throws {
        try #require(number >= 0, "errno \(errno)", sourceLocation: sourceLocation)
        self.number = fcntl(number, F_DUPFD_CLOEXEC, 200)
        close(number)
        try #require(self.number >= 200, sourceLocation: sourceLocation)
    }

    deinit {
        close(number)
    }

    func option(_ option: CInt) throws -> CInt {
        var value: CInt = 0
        var length = socklen_t(MemoryLayout<CInt>.size)
        try #require(getsockopt(number, SOL_SOCKET, option, &value, &length) == 0)
        return value
    }

    /// The longest queue of a listening TCP socket: `tcpi_sacked` of TCP_INFO (tcp(7), as ss(8) shows it).
    func queueLength() throws -> UInt32 {
        var information = [UInt8](repeating: 0, count: 64)
        var length = socklen_t(information.count)
        try #require(getsockopt(number, CInt(IPPROTO_TCP), TCP_INFO, &information, &length) == 0)
        return information.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 28, as: UInt32.self) }
    }
}

/// The sockets that a manager might pass.
enum Sockets {
    static let stream = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
    static let datagram = CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)

    static func withAddress<Address, Result>(
        _ address: Address,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }

    /// On a free port of 127.0.0.1; with no queue, it is bound and does not listen.
    static func ipv4(type: CInt = stream, queue: CInt? = 16) throws -> TestDescriptor {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return try bound(try TestDescriptor(socket(AF_INET, type, 0)), address, queue)
    }

    static func ipv6(queue: CInt? = 16) throws -> TestDescriptor {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_addr = in6addr_loopback
        return try bound(try TestDescriptor(socket(AF_INET6, stream, 0)), address, queue)
    }

    /// At a path, or at an abstract name that begins with `@`.
    static func unix(_ name: String, type: CInt = stream, queue: CInt? = 16) throws -> TestDescriptor {
        let descriptor = try TestDescriptor(socket(AF_UNIX, type, 0))
        let result = withUnixAddress(name) { bind(descriptor.number, $0, $1) }
        try #require(result == 0, "errno \(errno)")
        if let queue { try #require(listen(descriptor.number, queue) == 0) }
        return descriptor
    }

    static func withUnixAddress<Result>(
        _ name: String,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var path = Array(name.utf8)
        if name.hasPrefix("@") { path[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
        return withAddress(address) { pointer, _ in body(pointer, length) }
    }

    /// A listener of AF_VSOCK, a family for virtual machines, or `nil` where the kernel has none.
    static func vsock() -> TestDescriptor? {
        guard let descriptor = try? TestDescriptor(socket(40, stream, 0)) else { return nil }
        // struct sockaddr_vm: family, then any port of any machine.
        var address = [UInt8](repeating: 0xFF, count: 12) + [0, 0, 0, 0]
        address.replaceSubrange(0..<4, with: [40, 0, 0, 0])
        let result = address.withUnsafeBytes { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) {
                bind(descriptor.number, $0.baseAddress, socklen_t(bytes.count))
            }
        }
        return result == 0 && listen(descriptor.number, 1) == 0 ? descriptor : nil
    }

    static func pair(type: CInt = stream) throws -> (TestDescriptor, TestDescriptor) {
        var ends: [CInt] = [-1, -1]
        try #require(socketpair(AF_UNIX, type, 0, &ends) == 0)
        return (try TestDescriptor(ends[0]), try TestDescriptor(ends[1]))
    }

    private static func bound<Address>(
        _ descriptor: TestDescriptor,
        _ address: Address,
        _ queue: CInt?
    ) throws -> TestDescriptor {
        try #require(withAddress(address) { bind(descriptor.number, $0, $1) } == 0, "errno \(errno)")
        if let queue { try #require(listen(descriptor.number, queue) == 0) }
        return descriptor
    }
}

/// A directory for sockets, removed at the end with what is in it.
func withSocketDirectory(_ body: (String) throws -> Void) throws {
    var template = Array("/tmp/systemd-tests-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    let directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer {
        for name in ["socket", "notify", "file"] { unlink("\(directory)/\(name)") }
        rmdir(directory)
    }
    try body(directory)
}
