import Glibc

/// What the load client needs of an answer's head (RFC 9112 sections 2.2, 4 and 5), parsed strictly: it is the server
/// that is under test here, so what is not plain HTTP/1.1 is an error.
struct ResponseHead: Equatable {
    /// Why a head is not acceptable.
    struct Malformed: Error, Equatable {
        var reason: String
    }

    var status = 0
    var contentLength: Int?
    var isChunked = false
    var announcesClose = false
    var requestID: [UInt8]?

    /// Where the empty line that ends a head ends, or nil when it has not come.
    static func end(in bytes: UnsafeRawBufferPointer, from start: Int = 0) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        var start = start
        while start < bytes.count, let found = memchr(base + start, 0x0A, bytes.count - start) {
            let place = UnsafeRawPointer(found) - UnsafeRawPointer(base)
            if place >= 3, bytes[place - 1] == 0x0D, bytes[place - 2] == 0x0A, bytes[place - 3] == 0x0D {
                return place + 1
            }
            start = place + 1
        }
        return nil
    }

    /// Parses a whole head, the empty line included.
    init(parsing bytes: UnsafeRawBufferPointer, wantsRequestID: Bool) throws(Malformed) {
        guard let statusEnd = Self.lineEnd(in: bytes, from: 0) else { throw Malformed(reason: "no line end") }
        status = try Self.status(in: UnsafeRawBufferPointer(rebasing: bytes[0..<statusEnd]))
        var start = statusEnd + 2
        while let end = Self.lineEnd(in: bytes, from: start), end > start {
            try readField(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), wantsRequestID: wantsRequestID)
            start = end + 2
        }
        guard start + 2 == bytes.count else { throw Malformed(reason: "a bare CR or LF in the head") }
    }

    /// Where the next CR LF is; nil when there is none, or a CR or LF by itself comes first.
    private static func lineEnd(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard start < bytes.count, let base = bytes.baseAddress else { return nil }
        guard let found = memchr(base + start, 0x0A, bytes.count - start) else { return nil }
        let lineFeed = UnsafeRawPointer(found) - UnsafeRawPointer(base)
        guard lineFeed > start, bytes[lineFeed - 1] == 0x0D else { return nil }
        guard memchr(base + start, 0x0D, lineFeed - 1 - start) == nil else { return nil }
        return lineFeed - 1
    }

    private static func status(in line: UnsafeRawBufferPointer) throws(Malformed) -> Int {
        let prefix: StaticString = "HTTP/1.1 "
        guard line.count >= 12, let base = line.baseAddress, memcmp(base, prefix.utf8Start, 9) == 0,
            line.count == 12 || line[12] == 0x20
        else { throw Malformed(reason: "status line") }
        var status = 0
        for byte in line[9..<12] {
            guard byte >= 0x30, byte <= 0x39 else { throw Malformed(reason: "status code") }
            status = status * 10 + Int(byte - 0x30)
        }
        guard status >= 100, status < 600 else { throw Malformed(reason: "status code \(status)") }
        return status
    }

    private mutating func readField(_ line: UnsafeRawBufferPointer, wantsRequestID: Bool) throws(Malformed) {
        guard let base = line.baseAddress, let found = memchr(base, 0x3A, line.count) else {
            throw Malformed(reason: "field without a colon")
        }
        let nameLength = UnsafeRawPointer(found) - UnsafeRawPointer(base)
        guard nameLength > 0, line[0] > 0x20, line[nameLength - 1] > 0x20 else {
            throw Malformed(reason: "space around a field's name")
        }
        switch nameLength {
        case 14 where Self.equals(base, "content-length", 14):
            let length = try Self.length(Self.trimmed(line, from: nameLength + 1))
            guard contentLength == nil else { throw Malformed(reason: "Content-Length twice") }
            contentLength = length
        case 17 where Self.equals(base, "transfer-encoding", 17):
            let coding = Self.trimmed(line, from: nameLength + 1)
            guard !isChunked, coding.count == 7, let start = coding.baseAddress, Self.equals(start, "chunked", 7) else {
                throw Malformed(reason: "Transfer-Encoding")
            }
            isChunked = true
        case 10 where Self.equals(base, "connection", 10):
            for token in Self.trimmed(line, from: nameLength + 1).split(separator: 0x2C) {
                let name = Self.trimmed(UnsafeRawBufferPointer(rebasing: token), from: 0)
                if name.count == 5, let start = name.baseAddress, Self.equals(start, "close", 5) {
                    announcesClose = true
                }
            }
        case 12 where wantsRequestID && Self.equals(base, "x-request-id", 12):
            guard requestID == nil else { throw Malformed(reason: "X-Request-ID twice") }
            requestID = [UInt8](Self.trimmed(line, from: nameLength + 1))
        default:
            break
        }
    }

    private static func equals(_ base: UnsafeRawPointer, _ name: StaticString, _ count: Int) -> Bool {
        let text = UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
        return strncasecmp(base.assumingMemoryBound(to: CChar.self), text, count) == 0
    }

    private static func trimmed(_ line: UnsafeRawBufferPointer, from start: Int) -> UnsafeRawBufferPointer {
        var lower = start
        var upper = line.count
        while lower < upper, line[lower] == 0x20 || line[lower] == 0x09 { lower += 1 }
        while upper > lower, line[upper - 1] == 0x20 || line[upper - 1] == 0x09 { upper -= 1 }
        return UnsafeRawBufferPointer(rebasing: line[lower..<upper])
    }

    private static func length(_ digits: UnsafeRawBufferPointer) throws(Malformed) -> Int {
        guard !digits.isEmpty, digits.count <= 15 else { throw Malformed(reason: "Content-Length") }
        var value = 0
        for byte in digits {
            guard byte >= 0x30, byte <= 0x39 else { throw Malformed(reason: "Content-Length") }
            value = value * 10 + Int(byte - 0x30)
        }
        return value
    }
}
