import Glibc
import Logging
import Synchronization

@testable import JournalLogging

extension LogRecord {
    /// A record for tests, at a fixed time.
    static func sample(
        _ message: String = "hello",
        level: Logger.Level = .info,
        messageID: MessageID? = nil,
        fields: [LogField] = [],
        label: String = "test"
    ) -> LogRecord {
        LogRecord(
            level: level,
            message: message,
            messageID: messageID,
            fields: fields,
            label: label,
            location: SourceLocation(file: "Module/File.swift", function: "f()", line: 7),
            time: LogTime(microseconds: 1_700_000_000_123_456)
        )
    }
}

/// An output that keeps what it is given, and that can be made to block or to lose everything.
final class Recorder: Sendable {
    struct State: Sendable {
        var records: [LogRecord] = []
        var isBlocked = false
        var loses = false
        /// Calls of `write`, counted when they begin.
        var calls = 0
    }

    let state = Monitor(State())

    func set(_ change: (inout State) -> Void) {
        state.withLock { change(&$0) }
        state.signal(.progress)
    }

    var records: [LogRecord] { state.withLock { $0.records } }

    /// Waits until `condition` holds, at most 20 seconds.
    func wait(until condition: (State) -> Bool) -> Bool {
        let clock = SuspendingClock()
        let deadline = clock.now.advanced(by: .seconds(20))
        return state.wait(for: .progress) { state, _ in
            if condition(state) { return .done(true) }
            let left = clock.now.duration(to: deadline)
            return left > .zero ? .wait(atMost: left) : .done(false)
        }
    }

    struct Output: LogOutput {
        let recorder: Recorder

        func write(_ records: [LogRecord]) -> Int {
            recorder.set { $0.calls += 1 }
            let lost = recorder.state.wait(for: .progress) { state, _ -> Monitor<State>.Step<Int> in
                if state.isBlocked { return .wait(atMost: nil) }
                guard !state.loses else { return .done(records.count) }
                state.records += records
                return .done(0)
            }
            recorder.state.signal(.progress)
            return lost
        }
    }

    var output: Output { Output(recorder: self) }
}

/// The same sequence of numbers in every run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {  // SplitMix64
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// Text of up to 40 characters, half of them of the kind that does harm.
    mutating func text() -> String {
        let harmful: [Unicode.Scalar] = [
            "\n", "\r", "\t", "\0", "\u{1b}", "\u{7f}", "\u{85}", "\u{9b}", "\u{202e}", "\u{2028}", "\u{200b}", "\"",
            "\\", "=", " ", "{", "}", "\u{feff}", "\u{e0041}",
        ]
        var text = ""
        for _ in 0..<Int.random(in: 0...40, using: &self) {
            if Bool.random(using: &self) {
                text.unicodeScalars.append(harmful.randomElement(using: &self) ?? " ")
            } else if let scalar = Unicode.Scalar(UInt32.random(in: 0...0x10ffff, using: &self)) {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

/// A pipe, closed at the end.
func withPipe<Result>(_ body: (_ reader: Int32, _ writer: Int32) throws -> Result) rethrows -> Result {
    var ends: [Int32] = [-1, -1]
    _ = pipe(&ends)
    defer { for end in ends { close(end) } }
    return try body(ends[0], ends[1])
}

/// What `format` makes of `record`.
func line(_ record: LogRecord, _ format: LineFormat) -> String {
    var bytes: [UInt8] = []
    format.append(record, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
}

/// The number in a field, or -1.
func integer(_ field: LogField) -> Int {
    if case .integer(let number) = field.value { Int(number) } else { -1 }
}
