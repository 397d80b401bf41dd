import Foundation
import HTTPTypes
import Testing

@testable import HTTPServer

@Suite("The operator's page about refusals")
struct OperatorPageTests {
    private static func rows() throws -> [String] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../..")
        let text = try String(contentsOf: root.appending(path: "docs/http.md"), encoding: .utf8)
        return text.split(separator: "\n").filter { $0.hasPrefix("| ") && $0.contains("`") }.map(String.init)
    }

    @Test("names every refusal with its status", arguments: Refusal.allCases)
    func namesEach(refusal: Refusal) throws {
        let row = try Self.rows().filter { $0.contains("| `\(refusal.rawValue)` |") }
        #expect(row.count == 1)
        #expect(row.first?.hasPrefix("| \(refusal.status.code) |") == true)
    }

    @Test("names none that does not exist")
    func namesNoOther() throws {
        let reasons = try Self.rows().compactMap { row in
            row.hasPrefix("| 4") || row.hasPrefix("| 5") ? row.split(separator: "`").dropFirst().first : nil
        }
        #expect(reasons.map(String.init).sorted() == Refusal.allCases.map(\.rawValue).sorted())
    }
}
