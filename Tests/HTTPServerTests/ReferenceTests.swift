import Foundation
import HTTPTypes
import NIOCore
import Testing

@testable import HTTPServer

/// The conformance table beside Python's http.server: where the two execute different requests, there is a reason, and
/// it is that we are stricter.
@Suite("Beside Python's http.server")
struct ReferenceTests {
    /// Why a request that we refuse is none that Python refuses.
    private static let stricter: [Refusal: String] = [
        .requestLineMalformed: "Python splits a request line at any white space, and takes HTTP/0.9's",
        .methodUnknown: "Python leaves methods to its user",
        .targetInvalid: "Python leaves targets to its user",
        .targetMisdirected: "Python leaves targets to its user",
        .versionMalformed: "Python takes HTTP/1.10 and the like",
        .versionUnsupported: "Python takes HTTP/0.1 for HTTP/0.9's successor",
        .lineEndingInvalid: "Python takes a bare LF for a line ending, and leaves a bare CR in the line",
        .fieldNameInvalid: "Python reads fields as those of mail, and drops what it cannot read",
        .fieldValueInvalid: "Python keeps control characters in values",
        .fieldFolded: "Python unfolds, as mail does",
        .headerSectionTooLarge: "Python limits a line to 64 KiB",
        .hostMissing: "Python does not look at Host", .hostRepeated: "Python does not look at Host",
        .hostInvalid: "Python does not look at Host",
        .contentLengthInvalid: "int() takes signs, underscores, white space and any script's digits",
        .contentLengthRepeated: "Python takes the first",
        .contentLengthWithTransferEncoding: "Python knows no transfer codings",
        .transferEncodingInvalid: "Python knows no transfer codings",
        .transferEncodingUnsupported: "Python knows no transfer codings",
        .transferEncodingWithHTTP10: "Python knows no transfer codings",
        .chunkMalformed: "Python knows no transfer codings", .chunkExtensionTooLong: "Python knows no transfer codings",
        .trailerTooLarge: "Python knows no transfer codings",
        .bodyTooLarge: "Python has no limit", .fieldsTooMany: "Python's limit is a field higher",
        .requestLineTooLong: "Python's limit is 64 KiB",
        .expectationUnknown: "Python takes any expectation",
        .requestIncomplete: "Python takes a body that is cut off",
    ]

    /// Where Python does something else with what we take.
    private static let peculiarities: [(reason: String, applies: @Sendable (String) -> Bool)] = [
        (
            "Python knows no transfer codings: it takes a chunked body for requests",
            { $0.lowercased().contains("\r\ntransfer-encoding:") }
        ),
        (
            "CONNECT ends the connection here, and is nothing special to Python",
            { $0.contains("CONNECT ") }
        ),
        (
            "a list in Connection: Python compares the whole value, white space behind it included",
            { octets in
                let line = octets.split(separator: "\r\n").filter { $0.hasPrefix("Connection: ") }
                return line.contains { !["close", "keep-alive"].contains($0.dropFirst(12).lowercased()) }
                    || line.count > 2
            }
        ),
        (
            "empty lines before a request are skipped (RFC 9112 section 2.2); they end a connection to Python",
            {
                $0.hasPrefix("\r\n") || $0.contains("\r\n\r\n\r\n")
            }
        ),
        ("Python makes one slash of several that begin a target", { $0.hasPrefix("GET //") }),
        ("Python takes 99 fields", { $0.split(separator: "\r\n").count > 100 }),
    ]

    /// What we execute of some octets, and why we stop.
    private static func ours(_ octets: String) -> (targets: [String], refusal: Refusal?) {
        var parser = RequestParser(limits: RequestLimits())
        var buffer = ByteBuffer(string: octets)
        var targets: [String] = []
        var head: RequestHead?
        while true {
            do throws(Refusal) {
                switch try parser.next(&buffer) {
                case .needsMore: return (targets, parser.hasBegun ? .requestIncomplete : nil)
                case .head(let next): head = next
                case .end:
                    guard let ended = head else { return (targets, nil) }
                    targets.append(ended.target)
                    if !ended.semantics.keepsAlive { return (targets, nil) }
                }
            } catch {
                return (targets, error)
            }
        }
    }

    private static func theirs(_ cases: [String]) throws -> [[String]] {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "../Differential/reference.py")
        let input = FileManager.default.temporaryDirectory.appending(path: "hello-reference-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: input) }
        let lines = cases.map { $0.utf8.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() }
        try (lines.joined(separator: "\n") + "\n").write(to: input, atomically: true, encoding: .utf8)
        let python = Process()
        python.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        python.arguments = ["python3", script.path]
        python.standardInput = try FileHandle(forReadingFrom: input)
        let output = Pipe()
        python.standardOutput = output
        try python.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        python.waitUntilExit()
        try #require(python.terminationStatus == 0)
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { line in
            line.split(separator: " ").map { unhex($0) }
        }
    }

    private static func unhex(_ text: Substring) -> String {
        let digits = text.utf8.map { Octet.hexValue($0) ?? 0 }
        return String(
            decoding: stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] },
            as: UTF8.self
        )
    }

    @Test("we execute what Python executes, or less and for a reason that is listed")
    func table() throws {
        let cases = ConformanceTable.all.map { $0.octets + ConformanceCase.sentinel }
        let theirs = try Self.theirs(cases)
        try #require(theirs.count == cases.count)
        var same = 0
        var met: Set<Refusal> = []
        for (octets, theirs) in zip(cases, theirs) {
            let ours = Self.ours(octets)
            if ours.targets == theirs { same += 1; continue }
            if Self.peculiarities.contains(where: { $0.applies(octets) }) { continue }
            let refusal = ours.refusal
            #expect(refusal.flatMap { Self.stricter[$0] } != nil, "\(shown(octets)): \(ours), Python: \(theirs)")
            #expect(theirs.starts(with: ours.targets), "\(shown(octets)): \(ours), Python: \(theirs)")
            if let refusal { met.insert(refusal) }
        }
        // So that neither the table nor the list is there for nothing.
        #expect(same > 150)
        #expect(met.count > 10)
        for (reason, applies) in Self.peculiarities { #expect(cases.contains(where: applies), "\(reason)") }
    }
}
