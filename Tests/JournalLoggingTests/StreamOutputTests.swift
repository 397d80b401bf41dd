import Foundation
import Glibc
import Logging
import Testing

@testable import JournalLogging

@Suite(.timeLimit(.minutes(1))) struct StreamOutputTests {
    @Test("A reader that is gone costs the records, not the process")
    func brokenPipe() throws {
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        defer { close(ends[1]) }
        close(ends[0])
        let pipeline = try LogPipeline(format: .text, identifier: "x", descriptor: ends[1])
        for _ in 0..<3 { pipeline.write(level: .info, message: "m", fields: []) }
        #expect(pipeline.flush(within: .seconds(20)))
        #expect(pipeline.droppedCount == 3)
    }

    @Test(
        "A pipe that nobody reads blocks no caller; every line is whole once somebody does",
        arguments: [false, true]
    )
    func slowReader(nonBlocking: Bool) throws {
        try withPipe { reader, writer in
            if nonBlocking { _ = fcntl(writer, F_SETFL, O_NONBLOCK) }
            let value = String(repeating: "v", count: 1000)
            let pipeline = try LogPipeline(
                format: .json,
                identifier: "x",
                capacity: LogCapacity(records: 300),
                descriptor: writer
            )
            for index in 0..<1000 {
                pipeline.write(level: .info, message: "\(index)", fields: [LogField("v", .string(value))])
            }
            #expect(!pipeline.flush(within: .milliseconds(50)))
            let dropped = Int(pipeline.droppedCount)
            #expect(dropped > 0)

            // As many lines as were taken, and the report.
            let lines = readLines(reader, count: 1000 - dropped + 1)
            let objects = lines.compactMap { try? JSONSerialization.jsonObject(with: $0) as? [String: Any] }
            #expect(objects.count == 1000 - dropped + 1)
            let reports = objects.compactMap { ($0["fields"] as? [String: Any])?["dropped.records"] as? Int }
            #expect(reports == [dropped])
            #expect(pipeline.flush(within: .seconds(20)))
        }
    }

    @Test("After a failure the whole lines count as written and the rest as lost, and the next line begins on its own")
    func tornLine() {
        let length = line(.sample(), .text).utf8.count
        var output = StreamOutput(descriptor: -1, format: .text)
        output.encode([.sample(), .sample(), .sample()])
        #expect(output.settle(written: length + 5) == 2)
        output.encode([.sample()])
        #expect(output.buffer == Array(("\n" + line(.sample(), .text)).utf8))
        #expect(output.settle(written: 0) == 1)
        output.encode([.sample()])
        #expect(output.settle(written: length + 1) == 0)
        output.encode([.sample()])
        #expect(output.buffer.count == length)
    }

    @Test("A full device and a closed descriptor lose records, and nothing else happens")
    func failures() {
        let full = open("/dev/full", O_WRONLY | O_CLOEXEC)
        defer { close(full) }
        var output = StreamOutput(descriptor: full, format: .text)
        #expect(output.write([.sample()]) == 1)
        output = StreamOutput(descriptor: -1, format: .json)
        #expect(output.write([.sample(), .sample()]) == 2)
    }

    private func readLines(_ descriptor: Int32, count: Int) -> [Data] {
        var data = Data()
        var newlines = 0
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while newlines < count {
            var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&request, 1, 20_000) == 1 else { break }
            let length = read(descriptor, &buffer, buffer.count)
            guard length > 0 else { break }
            newlines += buffer[..<length].count { $0 == UInt8(ascii: "\n") }
            data.append(contentsOf: buffer[..<length])
        }
        return data.split(separator: UInt8(ascii: "\n")).map { Data($0) }
    }
}

@Suite struct LogFormatTests {
    @Test(
        "JOURNAL_STREAM is two decimal numbers and a colon",
        arguments: [
            ("8:1234", JournalStream(device: 8, inode: 1234)),
            ("18446744073709551615:0", JournalStream(device: .max, inode: 0)),
            ("", nil), (":", nil), ("8:", nil), (":8", nil), ("8", nil), ("8:9:10", nil), ("+8:9", nil), ("8: 9", nil),
            ("0x8:9", nil), ("18446744073709551616:0", nil), ("-1:2", nil), ("8:9\n", nil),
        ] as [(String, JournalStream?)]
    )
    func parsing(value: String, expected: JournalStream?) {
        #expect(JournalStream(value) == expected)
    }

    @Test("Auto is the journal only if the variable names the descriptor's own file")
    func detection() throws {
        try withPipe { reader, writer in
            let stream = try #require(JournalStream(descriptor: writer))
            let value = "\(stream.device):\(stream.inode)"
            #expect(LogFormat.auto.resolved(journalStream: value, descriptor: writer) == .journal)
            #expect(LogFormat.auto.resolved(journalStream: nil, descriptor: writer) == .text)
            #expect(LogFormat.auto.resolved(journalStream: "junk", descriptor: writer) == .text)
            let other = "\(stream.device):\(stream.inode + 1)"
            #expect(LogFormat.auto.resolved(journalStream: other, descriptor: writer) == .text)
            #expect(LogFormat.auto.resolved(journalStream: value, descriptor: -1) == .text)
            for format: LogFormat in [.text, .json, .journal] {
                #expect(format.resolved(journalStream: value, descriptor: writer) == format)
            }
        }
    }
}
