import Glibc
import Logging

/// Everything one entry says, independent of where it is written.
struct LogRecord: Sendable {
    var level: Logger.Level
    var message: String
    var messageID: MessageID?
    var fields: [LogField]
    /// The label of the logger, or empty.
    var label: String
    var location: SourceLocation
    var time: LogTime
    /// How many fields the limits left out.
    var omittedFields = 0

    /// The bytes this record is charged for while it waits: its text, and an allowance for its memory.
    var cost: Int {
        var cost = 192 + message.utf8.count
        for field in fields { cost += 48 + field.name.utf8.count + field.value.size }
        return cost
    }
}

/// Where in the source a record was made.
struct SourceLocation: Sendable, Equatable {
    var file: String
    var function: String
    var line: UInt
}

/// A point on the wall clock.
struct LogTime: Sendable, Equatable {
    /// Microseconds since 1970, the unit of every time in the journal.
    var microseconds: Int64

    /// The time now; a vDSO call, not a system call.
    static func now() -> LogTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return LogTime(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    /// Appends the time in UTC, as `2026-01-31T12:00:00.000000Z` (RFC 3339).
    func append(to output: inout [UInt8]) {
        var seconds = time_t(microseconds / 1_000_000)
        let fraction = Int(microseconds % 1_000_000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        output.append(decimal: Int(parts.tm_year) + 1900, digits: 4)
        for (separator, value) in [
            ("-", parts.tm_mon + 1), ("-", parts.tm_mday), ("T", parts.tm_hour), (":", parts.tm_min),
            (":", parts.tm_sec),
        ] as [(Unicode.Scalar, Int32)] {
            output.append(UInt8(ascii: separator))
            output.append(decimal: Int(value), digits: 2)
        }
        output.append(UInt8(ascii: "."))
        output.append(decimal: fraction, digits: 6)
        output.append(UInt8(ascii: "Z"))
    }
}

extension [UInt8] {
    /// Appends a number that is not negative, with leading zeros.
    fileprivate mutating func append(decimal value: Int, digits: Int) {
        let text = String(value)
        append(contentsOf: repeatElement(UInt8(ascii: "0"), count: Swift.max(0, digits - text.utf8.count)))
        append(contentsOf: text.utf8)
    }
}
