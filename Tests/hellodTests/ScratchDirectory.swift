import Foundation
import Testing

/// A directory that a test finds empty, and that is removed behind it with all that is in it.
struct ScratchDirectory: Sendable {
    let path: String

    static func with<Result>(_ body: (ScratchDirectory) async throws -> Result) async throws -> Result {
        let directory = try ScratchDirectory()
        defer { directory.remove() }
        return try await body(directory)
    }

    private init() throws {
        var template = Array("/tmp/hellod-units-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func remove() { try? FileManager.default.removeItem(atPath: path) }

    /// Runs `hellod units`, and returns how it ended and what it printed, which is kept outside.
    func units(_ arguments: [String]) async throws -> (ended: HellodProcess.Ended, said: String) {
        let output = path + ".said"
        defer { unlink(output) }
        let ended = try await HellodProcess(["units"] + arguments, redirections: ">\(output)").ended()
        return (ended, try String(contentsOfFile: output, encoding: .utf8))
    }

    /// What is in it or in a directory of it, sorted.
    func names(_ name: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(name)").sorted()
    }

    func text(_ name: String) throws -> String { try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8) }

    func write(_ text: String, to name: String) throws {
        try text.write(toFile: "\(path)/\(name)", atomically: false, encoding: .utf8)
    }

    /// The permissions of a file.
    func mode(_ name: String) -> mode_t {
        var status = stat()
        return stat("\(path)/\(name)", &status) == 0 ? status.st_mode & 0o7777 : 0
    }

    /// Which file it is: another one has another number.
    func inode(_ name: String) -> ino_t {
        var status = stat()
        return stat("\(path)/\(name)", &status) == 0 ? status.st_ino : 0
    }
}
