import Foundation
import Glibc

enum FileText {
    /// The text of a small file, or nil if it cannot be read.
    ///
    /// Read until nothing comes: the kernel gives a long file of its own, such as a list of mounts, a page at a time, and
    /// Foundation takes the first for all of it.
    static func read(_ path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var octets: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            if count == 0 { break }
            octets += chunk.prefix(count)
        }
        return ferror(file) == 0 ? String(decoding: octets, as: UTF8.self) : nil
    }

    /// The inode of the file that a path leads to.
    static func inode(_ path: String) -> UInt64? {
        var status = stat()
        return stat(path, &status) == 0 ? UInt64(status.st_ino) : nil
    }
}
