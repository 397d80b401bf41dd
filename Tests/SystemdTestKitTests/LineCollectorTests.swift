import Testing

@testable import SystemdTestKit

/// What is kept of a stream, and what is handed on.
@Suite struct LineCollectorTests {
    @Test("What is too long to keep loses its beginning, and says so")
    func truncated() {
        var collector = LineCollector(limit: 8)
        collector.say("12345678")
        #expect(collector.text == "12345678")
        #expect(!collector.isTruncated)
        collector.say("9")
        #expect(collector.text == "6789")
        #expect(collector.isTruncated)
    }

    @Test("A failure tells that not all of what was said is there")
    func failure() {
        let results = [true, false].map {
            CommandResult(command: "talk", status: .exited(1), output: "end\n", error: "", isTruncated: $0)
        }
        let said = results.map { CommandError.failed($0).description }
        #expect(said.first == "'talk' exited with status 1, having said more than is kept:\n  end")
        #expect(said.last == "'talk' exited with status 1:\n  end")
    }

    @Test("A line is handed on when it is whole, however it came")
    func lines() {
        var lines: [String] = []
        var collector = LineCollector { lines.append($0) }
        collector.say("one\n\ntw")
        #expect(lines == ["one", ""])
        collector.say("o\nla")
        #expect(lines == ["one", "", "two"])
        collector.say("st")
        collector.finish()
        collector.finish()
        #expect(lines == ["one", "", "two", "last"])
    }

    @Test("A line without an end is handed on in pieces")
    func pieces() {
        var lines: [String] = []
        var collector = LineCollector(lineLimit: 4) { lines.append($0) }
        for _ in 0..<5 { collector.say("123") }
        #expect(lines == ["123123", "123123"])
        collector.say("\n")
        #expect(lines == ["123123", "123123", "123"])
    }
}

extension LineCollector {
    fileprivate mutating func say(_ text: String) {
        Array(text.utf8).withUnsafeBytes { append($0) }
    }
}
