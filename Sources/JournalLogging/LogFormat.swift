import Glibc

/// The form of the log, as an operator chooses it (`--log-format`).
public enum LogFormat: String, Sendable, CaseIterable {
    /// The journal, if the descriptor is the journal's; text otherwise.
    case auto
    /// Structured entries for journald, by its socket.
    case journal
    /// One line of text a record.
    case text
    /// One JSON object a line and record.
    case json

    /// Decides what `auto` is; the others are themselves.
    /// - Parameters:
    ///   - journalStream: The variable `JOURNAL_STREAM` (systemd.exec(5)); the environment's, unless told otherwise.
    ///   - descriptor: The descriptor it is compared with: standard error, unless told otherwise. The variable is
    ///     inherited by programs whose output was redirected since, so it alone says nothing.
    /// - Returns: `journal`, `text` or `json`.
    public func resolved(
        journalStream: String? = JournalStream.environmentValue(),
        descriptor: Int32 = 2
    ) -> LogFormat {
        guard self == .auto else { return self }
        guard let journalStream, let stream = JournalStream(journalStream) else { return .text }
        return stream == JournalStream(descriptor: descriptor) ? .journal : .text
    }
}

/// The identity of a file, as `JOURNAL_STREAM` gives it: the device's number, a colon, the inode's, both decimal.
public struct JournalStream: Sendable, Equatable {
    /// The number of the device.
    public var device: UInt64
    /// The number of the inode.
    public var inode: UInt64

    /// An identity.
    public init(device: UInt64, inode: UInt64) {
        self.device = device
        self.inode = inode
    }

    /// Parses the variable's value: two decimal numbers and a colon, and nothing else.
    public init?(_ value: String) {
        let parts = value.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let device = Self.number(parts[0]), let inode = Self.number(parts[1])
        else { return nil }
        self.init(device: device, inode: inode)
    }

    /// The identity of an open descriptor (fstat(2)), or nil if it is not open.
    public init?(descriptor: Int32) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        self.init(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }

    /// The value of `JOURNAL_STREAM` in this process's environment.
    public static func environmentValue() -> String? { getenv("JOURNAL_STREAM").map { String(cString: $0) } }

    /// Digits only: `UInt64("+1")` is 1.
    private static func number(_ text: Substring) -> UInt64? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? UInt64(text) : nil
    }
}
