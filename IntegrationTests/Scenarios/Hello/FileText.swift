import Foundation
import Glibc

enum FileText {
    /// The text of a small file, or nil if it cannot be read.
    static func read(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }

    /// The inode of the file that a path leads to.
    static func inode(_ path: String) -> UInt64? {
        var status = stat()
        return stat(path, &status) == 0 ? UInt64(status.st_ino) : nil
    }
}
