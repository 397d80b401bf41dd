import Foundation
import Testing

@testable import JournalLogging

@Suite struct TextFormatTests {
    @Test("A text line has time, level, logger, message and values, quoted where they must be")
    func whole() {
        let record = LogRecord.sample(
            "hello",
            fields: [
                LogField("plain", "abc"), LogField("number", -5), LogField("spaced", "a b"), LogField("empty", ""),
                LogField("quote", #"a"b\c"#), LogField("bytes", .bytes([0x61, 0xff, 0xc3, 0xa9, 0xe2, 0x82])),
                LogField("a key=", "x"),
            ]
        )
        #expect(
            line(record, .text) == #"2023-11-14T22:13:20.123456Z info test: hello plain=abc number=-5 spaced="a b" "#
                + #"empty="" quote="a\"b\\c" bytes="a\xffé\xe2\x82" "a key="=x"# + "\n"
        )
    }

    @Test("Every record is one printable line, whatever it holds", arguments: [LineFormat.text, .json])
    func oneLine(format: LineFormat) async {
        var generator = SeededGenerator(state: 2)
        for _ in 0..<1000 {
            let bytes = (0..<20).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let record = LogRecord.sample(
                generator.text(),
                fields: [LogField(generator.text(), .string(generator.text())), LogField("b", .bytes(bytes))],
                label: generator.text()
            )
            var output: [UInt8] = []
            format.append(record, to: &output)
            #expect(output.last == UInt8(ascii: "\n"))
            let text = String(validating: output.dropLast(), as: UTF8.self)
            #expect(text != nil, "valid UTF-8")
            let unsafe = text?.unicodeScalars.first {
                [.control, .format, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
            }
            #expect(unsafe == nil, "\(String(describing: unsafe)) in \(text ?? "")")
            // It is long, and others wait for this thread.
            await Task.yield()
        }
    }

    @Test("Printable text of any language is left as it is")
    func languages() {
        let text = "Grüße, мир, 世界 🎉"
        #expect(line(.sample(text), .text).contains(text))
    }
}

@Suite struct JSONFormatTests {
    private struct Line: Decodable {
        var time, level, message, file, function: String
        var logger, message_id: String?
        var line: Int
        var fields: [String: String]
    }

    @Test("Any text comes back as it was")
    func roundTrip() throws {
        var generator = SeededGenerator(state: 3)
        for _ in 0..<1000 {
            let (message, key, value) = (generator.text(), generator.text(), generator.text())
            let record = LogRecord.sample(message, fields: [LogField(key, .string(value))])
            let decoded = try JSONDecoder().decode(Line.self, from: Data(line(record, .json).utf8))
            #expect(Array(decoded.message.unicodeScalars) == Array(message.unicodeScalars))
            #expect(decoded.fields.first?.key.unicodeScalars.elementsEqual(key.unicodeScalars) == true)
            #expect(decoded.fields.first?.value.unicodeScalars.elementsEqual(value.unicodeScalars) == true)
        }
    }

    @Test("Fixed members cannot be forged, and a repeated name is an array")
    func members() throws {
        let record = LogRecord.sample(
            "real",
            messageID: LogPipeline.droppedMessageID,
            fields: [
                LogField("message", "forged"), LogField("n", 1), LogField("x", "y"), LogField("n", "two"),
                LogField("bytes", .bytes([0xff, 0x41])),
            ]
        )
        let text = line(record, .json)
        let object = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(object["message"] as? String == "real")
        #expect(object["message_id"] as? String == "d3f0d9ee1835430989c64a067bd0d16a")
        #expect(object["time"] as? String == "2023-11-14T22:13:20.123456Z")
        #expect(object["level"] as? String == "info")
        #expect(object["line"] as? Int == 7)
        let fields = try #require(object["fields"] as? [String: Any])
        #expect(fields["message"] as? String == "forged")
        #expect(fields["bytes"] as? String == "\u{fffd}A")
        #expect(text.contains(#""n":[1,"two"]"#))
        #expect(fields.count == 4)
    }
}
