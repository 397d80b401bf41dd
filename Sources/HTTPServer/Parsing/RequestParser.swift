import NIOCore

/// Takes requests out of a connection's octets, one at a time and strictly (RFC 9112).
///
/// A parser of our own, because the promises of this server ask for what a streaming decoder hides: that nothing behind
/// a request in work is looked at, let alone held in parsed form; that a connection can be handed over with nothing
/// buffered; and that a request line is seen as it was sent, since a decoder reports `GET / RTSP/1.0` as HTTP/1.0 and
/// an unlisted method as a syntax error. Pure: no clock, no channel.
struct RequestParser: Sendable {
    /// What the octets have brought.
    enum Step {
        /// More octets are needed.
        case needsMore
        /// A head is whole; its body, if it has one, comes next.
        case head(RequestHead)
        /// The request is whole, body included.
        case end
    }

    private enum State {
        case start(emptyLines: Int)
        case head(HeadParser)
        case fixedBody(Int)
        case chunkedBody(ChunkedBody)
    }

    /// Empty lines before a request line that are forgiven (RFC 9112 section 2.2 asks for one).
    private static let emptyLinesForgiven = 4

    private let limits: RequestLimits
    private var state = State.start(emptyLines: 0)
    private var failure: Refusal?

    init(limits: RequestLimits) {
        self.limits = limits
    }

    /// Whether nothing of a request has been seen, so that the connection is between requests.
    var isBetweenRequests: Bool {
        if case .start(emptyLines: 0) = state { failure == nil } else { false }
    }

    /// Whether a request has begun to arrive; empty lines before it do not count.
    var hasBegun: Bool {
        if case .start = state { false } else { true }
    }

    /// Whether the body of a request is awaited, rather than its head.
    var isInBody: Bool {
        switch state {
        case .start, .head: false
        case .fixedBody, .chunkedBody: true
        }
    }

    /// Whether the head that `buffer` begins with, good or bad, has HEAD for its method: not even a refusal of it has
    /// content (RFC 9110 section 9.3.2).
    func isAtHeadMethod(_ buffer: ByteBuffer?) -> Bool {
        guard case .head = state, let buffer, buffer.readableBytes >= 5 else { return false }
        return buffer.readableBytesUInt8Span.equals(0..<5, "HEAD ")
    }

    /// Takes the next step, and what it used from `buffer`. After an error every further call throws it again: what
    /// follows a lost frame is never looked at.
    mutating func next(_ buffer: inout ByteBuffer) throws(Refusal) -> Step {
        if let failure { throw failure }
        do {
            return try step(&buffer)
        } catch {
            failure = error
            throw error
        }
    }

    private mutating func step(_ buffer: inout ByteBuffer) throws(Refusal) -> Step {
        if case .start(var emptyLines) = state {
            guard try skipEmptyLines(&buffer, &emptyLines) else {
                state = .start(emptyLines: emptyLines)
                return .needsMore
            }
            state = .head(HeadParser(limits: limits))
        }
        switch state {
        case .start:
            return .needsMore
        case .head(var parser):
            guard let head = try parser.advance(buffer.readableBytesUInt8Span) else {
                state = .head(parser)
                return .needsMore
            }
            let request = RequestHead(head, buffer.readableBytesUInt8Span)
            buffer.moveReaderIndex(forwardBy: head.length)
            switch head.semantics.body {
            case .none: state = .fixedBody(0)
            case .length(let length): state = .fixedBody(length)
            case .chunked: state = .chunkedBody(ChunkedBody(limits: limits))
            }
            return .head(request)
        case .fixedBody(let left):
            let taken = min(left, buffer.readableBytes)
            buffer.moveReaderIndex(forwardBy: taken)
            state = taken == left ? .start(emptyLines: 0) : .fixedBody(left - taken)
            return taken == left ? .end : .needsMore
        case .chunkedBody(var body):
            let (consumed, finished) = try body.advance(buffer.readableBytesUInt8Span)
            buffer.moveReaderIndex(forwardBy: consumed)
            state = finished ? .start(emptyLines: 0) : .chunkedBody(body)
            return finished ? .end : .needsMore
        }
    }

    /// Skips a few CR LF before a request line. Returns whether a request line begins.
    private func skipEmptyLines(_ buffer: inout ByteBuffer, _ emptyLines: inout Int) throws(Refusal) -> Bool {
        while let first = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self) {
            guard first == Octet.carriageReturn else { return true }
            guard let second = buffer.getInteger(at: buffer.readerIndex + 1, as: UInt8.self) else { return false }
            emptyLines += 1
            guard second == Octet.lineFeed else { throw .lineEndingInvalid }
            guard emptyLines <= Self.emptyLinesForgiven else { throw .requestLineMalformed }
            buffer.moveReaderIndex(forwardBy: 2)
        }
        return false
    }
}
