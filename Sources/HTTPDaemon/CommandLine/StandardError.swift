import Glibc
import Synchronization

/// Standard error, for the lines a command says before it gives up.
enum StandardError {
    private static let program = Mutex("")

    /// Says what the program is called: the process has one name.
    static func setProgram(_ name: String) { program.withLock { $0 = name } }

    /// Writes a line behind the program's name.
    static func tell(_ line: String) { write("\(program.withLock { $0 }): \(line)") }

    /// Writes a line, whole if it can. What cannot be written has nowhere else to go.
    static func write(_ line: String) {
        var bytes = Array((line + "\n").utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if written < 0 && errno == EINTR { continue }
            if written <= 0 { return }
            bytes = bytes.dropFirst(written)
        }
    }
}
