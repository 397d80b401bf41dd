import Glibc

/// What an answer must be.
struct ExpectedAnswer {
    var status = 200
    var body: [UInt8]?
    var requestID: [UInt8]?
    var toHead = false
}

/// Reads one answer at a time off a stream, in whatever pieces it comes, and compares as it reads: nothing is kept of
/// a body but the first bytes that are wrong. Pure: no socket, no clock.
struct ResponseScanner {
    /// A complete answer.
    struct Answer: Equatable {
        var status: Int
        var announcesClose: Bool
        /// The ID that came back, where one was asked for.
        var requestID: [UInt8]?
        /// What is wrong with it; nil when it is right.
        var fault: String?
    }

    /// What became of the bytes given.
    enum Step: Equatable {
        /// All were taken; the answer goes on.
        case more
        /// The answer is complete, and this many of the bytes belonged to it.
        case complete(Answer, consumed: Int)
        /// This is no HTTP/1.1 answer that can be framed; the connection is of no more use.
        case malformed(String)
    }

    /// How the end of the content is told (RFC 9112 section 6.3).
    private enum Framing {
        case length(Int)
        case chunks(ChunkScanner)
    }

    private static let headLimit = 65_536
    private static let evidenceLimit = 120

    private var expected = ExpectedAnswer()
    private var pendingHead: [UInt8] = []
    private var head: ResponseHead?
    private var offset = 0
    private var framing = Framing.length(0)
    private var fault: String?
    private var evidence: [UInt8] = []

    /// Whether part of an answer has been read.
    var isInsideAnswer: Bool { head != nil || !pendingHead.isEmpty }

    /// Gets ready for the next answer.
    mutating func expect(_ answer: ExpectedAnswer) {
        expected = answer
        head = nil
        pendingHead.removeAll(keepingCapacity: true)
        offset = 0
        fault = nil
        evidence = []
    }

    /// Reads on.
    mutating func feed(_ bytes: UnsafeRawBufferPointer) -> Step {
        if head != nil { return readBody(bytes, from: 0) }
        do {
            guard let bodyStart = try readHead(bytes) else { return .more }
            return readBody(bytes, from: bodyStart)
        } catch {
            let start = pendingHead.isEmpty ? [UInt8](bytes.prefix(Self.evidenceLimit)) : pendingHead
            return .malformed("\(error.reason) in “\(Self.printable(start.prefix(Self.evidenceLimit)))”")
        }
    }

    /// Returns where in `bytes` the body begins, or nil when the head is not whole yet.
    private mutating func readHead(_ bytes: UnsafeRawBufferPointer) throws(ResponseHead.Malformed) -> Int? {
        let parsed: ResponseHead
        let bodyStart: Int
        let wantsID = expected.requestID != nil
        if pendingHead.isEmpty, let end = ResponseHead.end(in: bytes) {
            parsed = try ResponseHead(
                parsing: UnsafeRawBufferPointer(rebasing: bytes[0..<end]),
                wantsRequestID: wantsID
            )
            bodyStart = end
        } else {
            let before = pendingHead.count
            pendingHead.append(contentsOf: bytes)
            let end = pendingHead.withUnsafeBytes { ResponseHead.end(in: $0, from: max(0, before - 3)) }
            guard let end else {
                if pendingHead.count > Self.headLimit { throw ResponseHead.Malformed(reason: "endless head") }
                return nil
            }
            let result = pendingHead.withUnsafeBytes { all in
                Result { () throws(ResponseHead.Malformed) in
                    try ResponseHead(
                        parsing: UnsafeRawBufferPointer(rebasing: all[0..<end]),
                        wantsRequestID: wantsID
                    )
                }
            }
            parsed = try result.get()
            bodyStart = end - before
        }
        try accept(parsed)
        return bodyStart
    }

    private mutating func accept(_ parsed: ResponseHead) throws(ResponseHead.Malformed) {
        guard !parsed.isChunked || parsed.contentLength == nil else {
            throw ResponseHead.Malformed(reason: "Content-Length beside Transfer-Encoding")
        }
        let hasBody = !expected.toHead && parsed.status != 204 && parsed.status != 304 && parsed.status >= 200
        if !hasBody {
            framing = .length(0)
        } else if parsed.isChunked {
            framing = .chunks(ChunkScanner())
        } else if let declared = parsed.contentLength {
            framing = .length(declared)
        } else {
            throw ResponseHead.Malformed(reason: "neither Content-Length nor chunks")
        }
        if parsed.status != expected.status {
            fault = "status \(parsed.status), not \(expected.status)"
        } else if let id = expected.requestID, parsed.requestID != id {
            let got = parsed.requestID.map { "“\(Self.printable($0[...]))”" } ?? "none"
            fault = "X-Request-ID \(got), not “\(Self.printable(id[...]))”"
        } else if case .length(let length) = framing, let body = expected.body, !expected.toHead, length != body.count {
            fault = "body of \(length) bytes, not \(body.count)"
        }
        head = parsed
    }

    private mutating func readBody(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Step {
        switch framing {
        case .length(let length):
            let end = start + min(bytes.count - start, length - offset)
            take(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
            return offset == length ? complete(consumed: end) : .more
        case .chunks(var chunks):
            defer { framing = .chunks(chunks) }
            return readChunks(&chunks, bytes, from: start)
        }
    }

    private mutating func readChunks(
        _ chunks: inout ChunkScanner,
        _ bytes: UnsafeRawBufferPointer,
        from start: Int
    ) -> Step {
        var index = start
        do {
            while true {
                switch try chunks.next(in: bytes, from: index) {
                case .more:
                    return .more
                case .data(let range):
                    take(UnsafeRawBufferPointer(rebasing: bytes[range]))
                    index = range.upperBound
                case .ended(let end):
                    if fault == nil, let body = expected.body, offset != body.count {
                        fault = "body of \(offset) bytes, not \(body.count)"
                    }
                    return complete(consumed: end)
                }
            }
        } catch {
            let rest = [UInt8](bytes[index...].prefix(Self.evidenceLimit))
            return .malformed("\(error.reason) in “\(Self.printable(rest[...]))”")
        }
    }

    private func complete(consumed: Int) -> Step {
        guard let head else { return .more }
        let answer = Answer(
            status: head.status,
            announcesClose: head.announcesClose,
            requestID: head.requestID,
            fault: fault.map { evidence.isEmpty ? $0 : "\($0): “\(Self.printable(evidence[...]))”" }
        )
        return .complete(answer, consumed: consumed)
    }

    private mutating func take(_ piece: UnsafeRawBufferPointer) {
        guard !piece.isEmpty else { return }
        check(piece)
        offset += piece.count
    }

    private mutating func check(_ piece: UnsafeRawBufferPointer) {
        if fault == nil, let body = expected.body {
            // Only chunks do not say beforehand how much they are.
            guard offset + piece.count <= body.count else {
                fault = "body of more than \(body.count) bytes"
                evidence = [UInt8](piece.prefix(Self.evidenceLimit))
                return
            }
            let same = body.withUnsafeBytes { all in
                guard let mine = all.baseAddress, let theirs = piece.baseAddress else { return false }
                return memcmp(mine + offset, theirs, piece.count) == 0
            }
            if same { return }
            let place = zip(body[offset...], piece).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? 0
            let wanted = Self.printable(body[(offset + place)...].prefix(40))
            fault = "body differs at byte \(offset + place): not “\(wanted)”"
            evidence = [UInt8](piece[place...].prefix(Self.evidenceLimit))
        } else if fault != nil, evidence.count < Self.evidenceLimit {
            evidence.append(contentsOf: piece.prefix(Self.evidenceLimit - evidence.count))
        }
    }

    /// Bytes as text for a person: controls and what is not ASCII are escaped.
    static func printable(_ bytes: ArraySlice<UInt8>) -> String {
        bytes.reduce(into: "") { text, byte in
            switch byte {
            case 0x0D: text += "\\r"
            case 0x0A: text += "\\n"
            case 0x20..<0x7F: text.unicodeScalars.append(Unicode.Scalar(byte))
            default: text += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
    }
}
