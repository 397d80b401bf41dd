import CSystemd
import Glibc

/// Writes records to journald, through libsystemd.
struct JournalOutput: LogOutput {
    private var entry: JournalEntry
    private let socketPath: String

    /// - Parameter identifier: `SYSLOG_IDENTIFIER=` of every entry.
    /// - Parameter socketPath: Where journald listens. It is only looked at: libsystemd knows its own way.
    init(identifier: String, socketPath: String = "/run/systemd/journal/socket") {
        self.entry = JournalEntry(identifier: identifier)
        self.socketPath = socketPath
    }

    mutating func write(_ records: [LogRecord]) -> Int {
        // sd_journal_sendv reports success when the socket does not exist (ENOENT), so that has to be asked first.
        // A socket on which nobody listens is an error that it does report. Once for each batch is often enough:
        // systemd makes the socket at boot and keeps it when journald is restarted or stopped.
        guard access(socketPath, F_OK) == 0 else { return records.count }
        var lost = 0
        for record in records {
            entry.encode(record, now: .now())
            if !send() { lost += 1 }
        }
        entry.trim()
        return lost
    }

    /// Blocks while journald's queue is full.
    private mutating func send() -> Bool {
        entry.withVectors { vectors in
            while true {
                let result = sd_journal_sendv(vectors, Int32(vectors.count))
                if result != -EINTR { return result >= 0 }
            }
        }
    }
}
