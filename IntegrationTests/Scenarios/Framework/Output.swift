import Glibc
import Synchronization

/// Writes to a descriptor of this process, each text whole, whichever threads they come from.
enum Output {
    private static let writing = Mutex(())

    /// Writes to standard output.
    static func write(_ text: String) { write(text, to: STDOUT_FILENO) }

    /// Writes a line about this program to standard error.
    static func complain(_ text: String) { write("integration-tests: \(text)\n", to: STDERR_FILENO) }

    /// Writes a text. What cannot be written, because nobody reads any more, is lost.
    static func write(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        var written = 0
        writing.withLock { _ in
            while written < bytes.count {
                let count = bytes.withUnsafeBytes {
                    let rest = UnsafeRawBufferPointer(rebasing: $0[written...])
                    return Glibc.write(descriptor, rest.baseAddress, rest.count)
                }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                written += count
            }
        }
    }
}
