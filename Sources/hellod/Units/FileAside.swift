import Glibc

/// What there is of a file before it is written.
enum PresentFile {
    /// Nothing is in its place.
    case none
    /// A file with this content.
    case text([UInt8])

    /// Looks. A link, a device and the like are an error: they were put there on purpose, as `systemctl mask` does.
    init(at path: String) throws(UnitProblem) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            guard errno == ENOENT else { throw .failed("cannot look at \(escaped(path))", errno) }
            self = .none
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
        self = .text(octets)
    }
}

/// A file that is written beside its place, so that nobody reads half of it.
struct FileAside {
    private let path: String
    private let descriptor: CInt

    /// Makes an empty one that systemd does not take for a unit.
    init(beside place: String) throws(UnitProblem) {
        var template = Array("\(place).XXXXXX".utf8CString)
        descriptor = mkostemp(&template, O_CLOEXEC)
        guard descriptor >= 0 else { throw .failed("cannot write \(escaped(place))", errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Writes its text, which is on the disk before the file gets its name.
    func write(_ text: String) throws(UnitProblem) {
        var octets = Array(text.utf8)[...]
        while !octets.isEmpty {
            let written = octets.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw .failed("cannot write \(escaped(path))", written < 0 ? errno : EIO) }
            octets = octets.dropFirst(written)
        }
        guard fchmod(descriptor, 0o644) == 0, fsync(descriptor) == 0 else {
            throw .failed("cannot write \(escaped(path))", errno)
        }
    }

    /// Gives it its name.
    func move(to place: String) throws(UnitProblem) {
        guard rename(path, place) == 0 else { throw .failed("cannot write \(escaped(place))", errno) }
    }

    /// Ends its use, and removes what has not been moved.
    func remove() {
        close(descriptor)
        unlink(path)
    }
}
