import ArgumentParser
import Glibc
import ServiceSettings

/// Standard output, for what a command was asked for.
enum StandardOutput {
    /// Writes a text and ends its line. What cannot be written, as on a full disk, is told, and the command fails.
    static func write(_ text: String) throws {
        var bytes = Array((text.hasSuffix("\n") ? text : text + "\n").utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else {
                let reason = String(cString: strerror(written < 0 ? errno : EIO))
                StandardError.tell("cannot write to standard output: \(reason)")
                throw ExitCode(ExitStatus.system.rawValue)
            }
            bytes = bytes.dropFirst(written)
        }
    }
}
