import Glibc
import ServiceSettings

/// A file that is written beside its place, so that nobody reads half of it.
struct FileAside {
    private let path: String
    private let descriptor: CInt

    /// Makes an empty one that systemd does not take for a unit.
    init(beside place: String) throws(UnitProblem) {
        var template = Array("\(place).XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
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
