import Foundation

/// Runs a body with a new directory, which is gone afterwards. Its path is none that a shell takes as it stands.
func withDirectory(_ body: (String) async throws -> Void) async throws {
    let directory = NSTemporaryDirectory() + "it's $HOME-\(UInt32.random(in: 0...(.max)))"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try await body(directory)
}
