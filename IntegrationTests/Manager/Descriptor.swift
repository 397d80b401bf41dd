import Glibc

/// A file descriptor that is closed when nobody holds it any more: what fails half-way leaves none open.
struct Descriptor: ~Copyable, Sendable {
    /// What the kernel calls it.
    let number: Int32

    /// Takes over a descriptor that is open.
    init(_ number: Int32) {
        self.number = number
    }

    /// Opens a file, for this process alone.
    init(_ path: String, _ flags: Int32, mode: mode_t = 0) throws(SystemError) {
        let descriptor = open(path, flags | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw SystemError(call: "open \(path)", code: errno) }
        number = descriptor
    }

    /// Closes it now.
    consuming func close() {}

    /// Leaves it open, and to the caller.
    consuming func released() -> Int32 {
        let number = number
        discard self
        return number
    }

    deinit { _ = Glibc.close(number) }
}
