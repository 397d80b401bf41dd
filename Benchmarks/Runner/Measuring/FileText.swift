import Foundation

enum FileText {
    /// The text of a small file; empty if it cannot be read.
    static func read(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
}
