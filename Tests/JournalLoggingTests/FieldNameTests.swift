import Testing

@testable import JournalLogging

@Suite struct FieldNameTests {
    @Test(
        "A name in the program becomes a valid journal name",
        arguments: [
            ("http.request.id", "HTTP_REQUEST_ID"), ("already_FINE_2", "ALREADY_FINE_2"), ("with space", "WITH_SPACE"),
            ("größe", "GR__E"), ("_PID", "PID"), ("__systemd_unit", "SYSTEMD_UNIT"),
            ("1st", "META_1ST"), ("_1", "META_1"), ("", "META_"), ("é", "META_"), ("...", "META_"),
            ("a\nPRIORITY=0", "A_PRIORITY_0"), ("a=b", "A_B"), ("errno", "ERRNO"),
        ] as [(String, String)]
    )
    func mapping(name: String, expected: String) {
        #expect(FieldName.journalName(for: name) == expected)
    }

    @Test(
        "A name that has a meaning of its own is never taken",
        arguments: [
            "message", "MESSAGE", "_message", "message.id", "priority", "syslog.identifier", "syslog_anything",
            "code.file", "object.pid", "coredump", "coredump.exe", "unit", "user.unit", "invocation_id", "tid",
            "logger",
        ]
    )
    func reserved(name: String) {
        let journalName = FieldName.journalName(for: name)
        #expect(journalName.hasPrefix("META_"))
        #expect(!FieldName.isReserved(journalName))
    }

    @Test("Any name at all becomes one that journald takes and that is not reserved")
    func anyName() {
        var generator = SeededGenerator(state: 1)
        for _ in 0..<2000 {
            let name = FieldName.journalName(for: generator.text() + (Bool.random(using: &generator) ? "Message" : ""))
            #expect((1...FieldName.maximumLength).contains(name.utf8.count))
            #expect(name.wholeMatch(of: /[A-Z][A-Z0-9_]*/) != nil, "\(name)")
            #expect(!FieldName.isReserved(name))
        }
    }

    @Test("A long name is cut to 64 characters, also with the prefix")
    func longNames() {
        #expect(FieldName.journalName(for: String(repeating: "a", count: 100)).utf8.count == 64)
        let reserved = FieldName.journalName(for: "syslog." + String(repeating: "a", count: 100))
        #expect(reserved.utf8.count == 64)
        #expect(reserved.hasPrefix("META_SYSLOG_"))
    }
}

@Suite struct MessageIDTests {
    @Test("32 hexadecimal digits, and nothing else, are an identifier")
    func parsing() {
        #expect(MessageID("D3F0d9ee1835430989c64a067bd0d16a") == LogPipeline.droppedMessageID)
        #expect(MessageID("d3f0d9ee1835430989c64a067bd0d16") == nil)
        #expect(MessageID("d3f0d9ee-1835-4309-89c6-4a067bd0d16a") == nil)
        #expect(MessageID("+3f0d9ee1835430989c64a067bd0d16a") == nil)
        #expect(MessageID("g3f0d9ee1835430989c64a067bd0d16a") == nil)
    }

    @Test("Its description has all 32 digits")
    func description() {
        #expect(LogPipeline.droppedMessageID.description == "d3f0d9ee1835430989c64a067bd0d16a")
        #expect(MessageID(1, 0xab).description == "000000000000000100000000000000ab")
    }
}
