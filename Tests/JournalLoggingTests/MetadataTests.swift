import Logging
import Testing

@testable import JournalLogging

@Suite struct MetadataTests {
    @Test("Metadata is flattened in the order of its keys")
    func flattening() {
        let flat = FlatMetadata([
            "z": "last", "list": ["a", "b"], "empty": [], "none": [:] as Logger.MetadataValue,
            "request": ["id": "1", "peer": ["port": .stringConvertible(80)]],
        ])
        #expect(
            flat.fields == [
                LogField("list", "a"), LogField("list", "b"), LogField("request.id", "1"),
                LogField("request.peer.port", 80), LogField("z", "last"),
            ]
        )
        #expect(flat.messageID == nil)
    }

    @Test("An identifier is taken out of the metadata, typed or as digits")
    func messageID() {
        let id = LogPipeline.droppedMessageID
        for value: Logger.MetadataValue in [.messageID(id), .string(id.description)] {
            let flat = FlatMetadata([MessageID.metadataKey: value, "a": "b"])
            #expect(flat.messageID == id)
            #expect(flat.fields == [LogField("a", "b")])
        }
    }

    @Test("What is no identifier stays a field, under a name that is not the journal's")
    func invalidMessageID() {
        let flat = FlatMetadata([MessageID.metadataKey: "not an id"])
        #expect(flat.messageID == nil)
        #expect(flat.fields == [LogField("message.id", "not an id")])
        #expect(FieldName.journalName(for: "message.id") == "META_MESSAGE_ID")
    }

    @Test("Nesting ends")
    func depth() {
        var value: Logger.MetadataValue = "bottom"
        for _ in 0..<10 { value = ["k": value] }
        let flat = FlatMetadata(["top": value])
        #expect(flat.fields.count == 1)
        #expect(flat.fields[0].name == "top" + String(repeating: ".k", count: FlatMetadata.maximumDepth))
    }
}

@Suite struct LimitsTests {
    private func limited(_ record: LogRecord, _ limits: LogLimits = LogLimits()) -> LogRecord {
        var record = record
        limits.apply(to: &record)
        return record
    }

    @Test("A mebibyte is cut to the limit, at a whole character")
    func values() {
        let large = String(repeating: "é", count: 1 << 19)
        let record = limited(
            .sample(
                "x" + large,
                fields: [
                    LogField("v", .string(large)), LogField("b", .bytes(.init(repeating: 0, count: 1 << 20))),
                ]
            ),
            LogLimits(fieldBytes: 1 << 17)
        )
        for text in [record.message, { if case .string(let text) = record.fields[0].value { text } else { "" } }()] {
            #expect((65_530...65_536).contains(text.utf8.count))
            #expect(text.hasSuffix("é…"))
        }
        #expect(record.fields[1].value.size == 65_536)
    }

    @Test("A field stays below what journalctl -o json shows, name included, and the cut is marked on every output")
    func fieldBytes() {
        let path = "/" + String(repeating: "a", count: 8000)
        let record = limited(.sample(fields: [LogField("http.target", .string(path))]))
        var entry = JournalEntry(identifier: "x")
        entry.encode(record, now: record.time)
        let field = String(decoding: entry.fields.last ?? [], as: UTF8.self)
        #expect(field.utf8.count == 4095)
        #expect(field.hasPrefix("HTTP_TARGET=/aaa"))
        #expect(field.hasSuffix("a…"))
        #expect(line(record, .text).hasSuffix("a…\"\n"))
        #expect(line(record, .json).contains("a…\""))
        // One that just fits is whole.
        let fitting = String(repeating: "a", count: 4095 - "HTTP_TARGET=".utf8.count)
        let whole = limited(.sample(fields: [LogField("http.target", .string(fitting))]))
        #expect(whole.fields[0].value == .string(fitting))
    }

    @Test("A value of just the limit is left alone")
    func exact() {
        let text = String(repeating: "x", count: 65_536)
        #expect(limited(.sample(text)).message == text)
    }

    @Test("Fields over the limit are left out and counted on every output")
    func fields() {
        let record = limited(.sample(fields: (0..<70).map { LogField("f\($0)", .integer(clamping: $0)) }))
        #expect(record.fields.count == 64)
        #expect(record.omittedFields == 6)
        #expect(line(record, .text).hasSuffix(" log.fields.omitted=6\n"))
        #expect(line(record, .json).contains(#""fields_omitted":6"#))
        var entry = JournalEntry(identifier: "x")
        entry.encode(record, now: record.time)
        #expect(entry.fields.last == Array("LOG_FIELDS_OMITTED=6".utf8))
    }
}
