import Glibc
import ServiceSettings

/// What there is of a file before it is written.
enum PresentFile {
    /// Nothing is in its place.
    case absent
    /// A file with this content.
    case content([UInt8])

    /// Looks. A link, a device and the like are an error: they were put there on purpose, as `systemctl mask` does.
    init(at path: String) throws(UnitProblem) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            guard errno == ENOENT else { throw .failed("cannot look at \(escaped(path))", errno) }
            self = .absent
            return
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw UnitProblem(line: "nothing is written: \(escaped(path)) is a link, or no file (remove it first)")
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { throw .failed("cannot read \(escaped(path))", errno) }
        defer { close(descriptor) }
        var octets: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        // A longer one than this is another one, whatever is behind.
        while octets.count < 1 << 20 {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .failed("cannot read \(escaped(path))", errno) }
            if count == 0 { break }
            octets += chunk.prefix(count)
        }
        self = .content(octets)
    }
}
