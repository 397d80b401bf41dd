import Glibc
import Logging
import Testing

@testable import JournalLogging

@Suite struct JournalEntryTests {
    private func fields(_ record: LogRecord, now: LogTime? = nil) -> [String] {
        var entry = JournalEntry(identifier: "hellod")
        entry.encode(record, now: now ?? record.time)
        return entry.fields.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("An entry has every fixed field once, and its own after them")
    func whole() {
        let record = LogRecord.sample(
            "hello",
            level: .error,
            messageID: MessageID(0, 1),
            fields: [LogField("http.status", 200), LogField("http.request.id", "abc")]
        )
        #expect(
            fields(record) == [
                "MESSAGE=hello", "PRIORITY=3", "SYSLOG_IDENTIFIER=hellod",
                "MESSAGE_ID=00000000000000000000000000000001", "CODE_FILE=Module/File.swift", "CODE_LINE=7",
                "CODE_FUNC=f()", "LOGGER=test", "HTTP_STATUS=200", "HTTP_REQUEST_ID=abc",
            ]
        )
    }

    @Test(
        "Levels become syslog priorities",
        arguments: zip(Logger.Level.allCases, [7, 7, 6, 5, 4, 3, 2])
    )
    func priorities(level: Logger.Level, priority: Int) {
        #expect(fields(.sample(level: level)).contains("PRIORITY=\(priority)"))
    }

    @Test("A value cannot begin another field: there is one vector for each field, whatever it holds")
    func injection() {
        let attack = "x\nPRIORITY=0\nMESSAGE=forged\n\n\0MESSAGE_ID=1"
        let record = LogRecord.sample(
            attack,
            fields: [LogField("a", .string(attack)), LogField(attack, "v"), LogField("b", .bytes(Array(attack.utf8)))]
        )
        let result = fields(record)
        #expect(result.filter { $0.hasPrefix("PRIORITY=") } == ["PRIORITY=6"])
        #expect(result.filter { $0.hasPrefix("MESSAGE=") }.count == 1)
        #expect(!result.contains { $0.hasPrefix("MESSAGE_ID=") })
        #expect(result.count == 7 + 3)
        #expect(result[0] == #"MESSAGE=x\nPRIORITY=0\nMESSAGE=forged\n\n\x00MESSAGE_ID=1"#)
        #expect(result[7] == "A=x\nPRIORITY=0\nMESSAGE=forged\n\n\\x00MESSAGE_ID=1")
        #expect(result[9] == "B=" + attack)
    }

    @Test("The vectors given to libsystemd are the fields, in order and whole")
    func vectors() {
        var entry = JournalEntry(identifier: "hellod")
        entry.encode(.sample(fields: [LogField("empty", ""), LogField("x", .bytes([0, 255, 10]))]), now: .now())
        let expected = entry.fields
        let actual = entry.withVectors { vectors in
            vectors.map { Array(UnsafeRawBufferPointer(start: $0.iov_base, count: $0.iov_len)) }
        }
        #expect(actual == expected)
        #expect(actual.contains(Array("EMPTY=".utf8)))
        #expect(actual.contains(Array("X=".utf8) + [0, 255, 10]))
    }

    @Test("An entry leaves nothing of the one before it")
    func reuse() {
        var entry = JournalEntry(identifier: "hellod")
        entry.encode(.sample(fields: [LogField("secret", "s")]), now: .now())
        entry.encode(.sample(), now: LogRecord.sample().time)
        #expect(entry.fields.count == 7)
        #expect(!entry.bytes.contains(Array("SECRET".utf8)))
    }

    @Test("Terminal sequences in text are escaped; bytes are kept exactly")
    func terminal() {
        let record = LogRecord.sample(
            "\u{1b}[2J",
            fields: [LogField("t", "\u{1b}]0;x\u{7}\u{9b}\u{202e}"), LogField("b", .bytes([0x1b, 0xff]))]
        )
        var entry = JournalEntry(identifier: "hellod")
        entry.encode(record, now: .now())
        #expect(entry.fields[0] == Array(#"MESSAGE=\x1b[2J"#.utf8))
        #expect(entry.fields.contains(Array(#"T=\x1b]0;x\x07\u{9b}\u{202e}"#.utf8)))
        #expect(entry.fields.contains(Array("B=".utf8) + [0x1b, 0xff]))
    }

    @Test("A record that waited says when it was made; one that did not, does not")
    func delay() {
        let record = LogRecord.sample()
        let late = LogTime(microseconds: record.time.microseconds + 1_000_000)
        #expect(fields(record, now: late).contains("LOG_REALTIME_USEC=1700000000123456"))
        #expect(!fields(record).contains { $0.hasPrefix("LOG_REALTIME_USEC") })
    }

    @Test("Names that become the same are several values of one field, in order")
    func duplicates() {
        let record = LogRecord.sample(fields: [LogField("a.b", "1"), LogField("a_b", "2"), LogField("a.b", "3")])
        #expect(fields(record).suffix(3) == ["A_B=1", "A_B=2", "A_B=3"])
    }

    @Test("Without a journal socket every record counts as lost")
    func noSocket() {
        var output = JournalOutput(identifier: "hellod", socketPath: "/nonexistent/journal/socket")
        #expect(output.write([.sample(), .sample()]) == 2)
    }
}
