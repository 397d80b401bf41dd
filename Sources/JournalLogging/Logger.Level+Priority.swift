import Logging

extension Logger.Level {
    /// The priority of syslog(3), and the journal's `PRIORITY=`. Syslog's alert and emergency are the machine's,
    /// not a program's.
    var priority: UInt8 {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    /// Its place among the levels, the most talkative first, for an atomic.
    var ordinal: UInt8 {
        switch self {
        case .trace: 0
        case .debug: 1
        case .info: 2
        case .notice: 3
        case .warning: 4
        case .error: 5
        case .critical: 6
        }
    }

    /// The level at a place; past the last, the last.
    init(ordinal: UInt8) {
        switch ordinal {
        case 0: self = .trace
        case 1: self = .debug
        case 2: self = .info
        case 3: self = .notice
        case 4: self = .warning
        case 5: self = .error
        default: self = .critical
        }
    }
}
