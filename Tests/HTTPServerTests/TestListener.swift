import Glibc
import Synchronization
import Testing

/// A listening socket of the test's own, on a free port of the loopback or at a path in a temporary directory.
///
/// Like the service manager, the test keeps a descriptor of it: what a server leaves in the queue is still there.
final class TestListener: Sendable {
    static let stream = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)

    let isTCP: Bool
    let descriptor: CInt
    private let port: UInt16
    private let directory: String?

    private var path: String { (directory ?? "") + "/socket" }

    static func tcp(queue: CInt = 4096) throws -> TestListener { try TestListener(isTCP: true, queue: queue) }
    static func unix(queue: CInt = 4096) throws -> TestListener { try TestListener(isTCP: false, queue: queue) }

    private init(isTCP: Bool, queue: CInt) throws {
        self.isTCP = isTCP
        let socket = socket(isTCP ? AF_INET : AF_UNIX, Self.stream, 0)
        descriptor = socket
        if isTCP {
            directory = nil
            let result = Self.withTCP(port: 0) { bind(socket, $0, $1) }
            var bound = sockaddr_in()
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            _ = withUnsafeMutablePointer(to: &bound) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &length) }
            }
            port = UInt16(bigEndian: bound.sin_port)
            try #require(result == 0)
        } else {
            port = 0
            var template = Array("/tmp/hello-tests-XXXXXX".utf8CString)
            try #require(mkdtemp(&template) != nil)
            let name = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            directory = name
            try #require(Self.withUnix(path: name + "/socket") { bind(socket, $0, $1) } == 0)
        }
        try #require(listen(descriptor, queue) == 0)
    }

    deinit {
        close(descriptor)
        if let directory {
            unlink(path)
            rmdir(directory)
        }
    }

    func withAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        isTCP ? Self.withTCP(port: port, body) : Self.withUnix(path: path, body)
    }

    private static func withTCP<R>(port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = port.bigEndian
        return call(address, body)
    }

    private static func withUnix<R>(path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return call(address, body)
    }

    private static func call<Address, R>(_ address: Address, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }

    /// The longest queue of a listening TCP socket: `tcpi_sacked` of TCP_INFO (tcp(7), as ss(8) shows it).
    func queueLimit() throws -> UInt32 {
        var information = [UInt8](repeating: 0, count: 64)
        var length = socklen_t(information.count)
        try #require(getsockopt(descriptor, CInt(IPPROTO_TCP), TCP_INFO, &information, &length) == 0)
        return information.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 28, as: UInt32.self) }
    }

    /// Takes a connection out of the queue, as the next process would. Nil if none comes within the time.
    func accept(within milliseconds: CInt) -> CInt? {
        var request = pollfd(fd: descriptor, events: CShort(POLLIN), revents: 0)
        guard poll(&request, 1, milliseconds) > 0 else { return nil }
        let accepted = Glibc.accept(descriptor, nil, nil)
        return accepted >= 0 ? accepted : nil
    }
}
