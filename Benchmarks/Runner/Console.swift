import Foundation
import Glibc

/// What the user sees while it runs.
enum Console {
    /// A line on standard output, at once.
    static func say(_ line: String) { write(line + "\n", to: STDOUT_FILENO) }

    /// A line about this program on standard error.
    static func complain(_ line: String) { write("benchmarks: \(line)\n", to: STDERR_FILENO) }

    /// A line with the time of day.
    static func progress(_ line: String) {
        let time = Date().formatted(.iso8601.time(includingFractionalSeconds: false).timeSeparator(.colon))
        say("[\(time)] \(line)")
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = ArraySlice(text.utf8)
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}
