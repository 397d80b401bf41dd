import Glibc

/// The small files in which the kernel tells of itself, below `/proc` and `/sys`.
enum KernelFile {
    /// The beginning of one, which is all of any that is read here; empty where it cannot be read.
    static func text(_ path: String) -> String {
        guard let file = fopen(path, "re") else { return "" }
        defer { fclose(file) }
        var octets = [UInt8](repeating: 0, count: 4096)
        let count = fread(&octets, 1, octets.count, file)
        return String(decoding: octets.prefix(count), as: UTF8.self)
    }
}
