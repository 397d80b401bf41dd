import CGlibc
import Glibc

/// A file that is in memory only (memfd_create(2)), and that other processes read by its descriptor.
struct MemoryFile: ~Copyable {
    let descriptor: CInt

    /// More than any parcel has.
    static let longest = 1 << 28

    /// Makes one.
    init(holding octets: [UInt8]) throws(SystemError) {
        descriptor = memory_file("connections", UInt32(MEMORY_CLOSE_ON_EXEC))
        guard descriptor >= 0 else { throw SystemError("memfd_create", errno) }
        var written = 0
        while written < octets.count {
            let count = octets.withUnsafeBytes { write(descriptor, $0.baseAddress! + written, $0.count - written) }
            guard count > 0 || errno == EINTR else { throw SystemError("write", errno) }
            written += max(count, 0)
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Reads one that another process has made; nil where that cannot be read whole.
    static func read(_ descriptor: CInt) -> [UInt8]? {
        var status = stat()
        guard fstat(descriptor, &status) == 0, (0...longest).contains(Int(status.st_size)) else { return nil }
        var octets = [UInt8](repeating: 0, count: Int(status.st_size))
        var position = 0
        while position < octets.count {
            let count = octets.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress! + position, $0.count - position, off_t(position))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return nil }
            position += count
        }
        return octets
    }
}
