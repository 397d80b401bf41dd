import Glibc

/// Writes records as lines to a descriptor, which stays somebody else's to close.
struct StreamOutput: LogOutput {
    private let descriptor: Int32
    private let format: LineFormat
    private(set) var buffer: [UInt8] = []
    /// Where each record's line ends in the buffer.
    private var ends: [Int] = []
    /// Whether the last write broke off inside a line.
    private var isTorn = false

    init(descriptor: Int32, format: LineFormat) {
        self.descriptor = descriptor
        self.format = format
    }

    mutating func write(_ records: [LogRecord]) -> Int {
        encode(records)
        return settle(written: buffer.withUnsafeBytes { Self.writeAll($0, to: descriptor) })
    }

    /// Puts the lines of `records` into the buffer.
    mutating func encode(_ records: [LogRecord]) {
        buffer.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        if isTorn { buffer.append(UInt8(ascii: "\n")) }
        for record in records {
            format.append(record, to: &buffer)
            ends.append(buffer.count)
        }
    }

    /// Takes note of how much of the buffer was written.
    /// - Returns: how many of its records were not, or not whole.
    mutating func settle(written: Int) -> Int {
        if written > 0 { isTorn = buffer[written - 1] != UInt8(ascii: "\n") }
        if buffer.capacity > 1 << 20 { buffer = [] }
        return ends.count { $0 > written }
    }

    /// Writes everything, through short writes, interruptions and a descriptor that does not block.
    /// - Returns: the number of bytes written: fewer than given if the descriptor failed. A reader that is gone is
    ///   such a failure (EPIPE): the writer thread blocks SIGPIPE.
    static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        var written = 0
        while written < bytes.count {
            let count = Glibc.write(descriptor, base + written, bytes.count - written)
            if count > 0 {
                written += count
                continue
            }
            switch errno {
            case EINTR where count < 0: continue
            case EAGAIN where count < 0:
                var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                guard poll(&request, 1, -1) >= 0 || errno == EINTR else { return written }
            default: return written
            }
        }
        return written
    }
}
