/// Takes requests out of a connection's octets, one at a time and strictly (RFC 9112).
///
/// A parser of our own, because the promises of this server ask for what a streaming decoder hides: that nothing behind
/// a request in work is looked at, let alone held in parsed form; that a connection can be handed over with nothing
/// buffered; and that a request line is seen as it was sent, since a decoder reports `GET / RTSP/1.0` as HTTP/1.0 and
/// an unlisted method as a syntax error. Pure: no clock, no socket.
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
    /// The content that has come of the present request's body, where it is gathered; nil where it is thrown away.
    private(set) var content: [UInt8]?

    init(limits: RequestLimits) {
        self.limits = limits
    }

    /// Goes on with a request whose head is whole, as another parser left it.
    ///
    /// The head was within the limits that were in force when it came; others do not make it wrong.
    ///
    /// - Parameter content: What has come of a body that is gathered; it is gone on with. All of it where the body is whole.
    /// - Returns: the parser and the head; nil where the octets are no such head, or no body is at such a point.
    static func takingUp(
        _ head: [UInt8],
        _ body: BodyProgress?,
        content: [UInt8]? = nil,
        limits: RequestLimits
    ) -> (parser: RequestParser, head: RequestHead)? {
        var reader = RequestParser(limits: .unlimited)
        guard let result = try? reader.next(head.span), case .head(let whole) = result.step,
            result.consumed == head.count
        else { return nil }
        var parser = RequestParser(limits: limits)
        if let content {
            guard whole.semantics.body.canHaveBrought(content.count, at: body) else { return nil }
            if body != nil { parser.content = content }
        }
        guard let body else { return (parser, whole) }
        switch (reader.state, body.state) {
        case (.fixedBody(let length), 0) where (0...length).contains(body.left):
            parser.state = .fixedBody(body.left)
        case (.chunkedBody, _):
            guard let chunks = ChunkedBody(limits: limits, progress: body) else { return nil }
            parser.state = .chunkedBody(chunks)
        default:
            return nil
        }
        // Numbers that do not belong to such a point were not written by a parser.
        guard parser.bodyProgress == body else { return nil }
        return (parser, whole)
    }

    /// How far the body has come that is awaited; nil where none is.
    var bodyProgress: BodyProgress? {
        switch state {
        case .start, .head: nil
        case .fixedBody(let left): BodyProgress(left: left)
        case .chunkedBody(let body): body.progress
        }
    }

    /// Whether a whole request lies in `bytes`, or one that will be refused: whatever is answered without more input.
    func holdsRequest(_ bytes: Span<UInt8>) -> Bool {
        var copy = self
        // It is not asked for, and would be copied.
        copy.content = nil
        var used = 0
        while true {
            guard let (step, consumed) = try? copy.next(bytes.extracting(used..<bytes.count)) else { return true }
            used += consumed
            switch step {
            case .needsMore: return false
            case .head: continue
            case .end: return true
            }
        }
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

    /// Whether the head that `bytes` begin with, or that follows empty lines, good or bad, has HEAD for its method: not even a refusal of it has
    /// content (RFC 9110 section 9.3.2).
    func isAtHeadMethod(_ bytes: Span<UInt8>) -> Bool {
        guard case .head = state else { return false }
        var start = 0
        while start + 1 < bytes.count, bytes[start] == Octet.carriageReturn { start += 2 }
        return bytes.count - start >= 5 && bytes.equals(start..<start + 5, "HEAD ")
    }

    /// Has the content of the body gathered that comes next.
    mutating func gatherContent() { content = [] }

    /// The content of a request that is whole; empty where it was not gathered.
    mutating func takeContent() -> [UInt8] {
        defer { content = nil }
        return content ?? []
    }

    /// Takes the next step. Returns it with the count of octets that it used. After an error every further call throws it
    /// again: what follows a lost frame is never looked at.
    mutating func next(_ bytes: Span<UInt8>) throws(Refusal) -> (step: Step, consumed: Int) {
        if let failure { throw failure }
        do {
            return try step(bytes)
        } catch {
            failure = error
            throw error
        }
    }

    private mutating func step(_ bytes: Span<UInt8>) throws(Refusal) -> (step: Step, consumed: Int) {
        switch state {
        case .start(var emptyLines):
            let skipped = try skipEmptyLines(bytes, &emptyLines)
            // An unfinished line is seen again, with what follows it.
            guard skipped < bytes.count, bytes[skipped] != Octet.carriageReturn else {
                state = .start(emptyLines: emptyLines)
                return (.needsMore, skipped)
            }
            var parser = HeadParser(limits: limits)
            let (step, consumed) = try advance(&parser, bytes.extracting(skipped..<bytes.count))
            return (step, skipped + consumed)
        case .head(var parser):
            return try advance(&parser, bytes)
        case .fixedBody(let left):
            let taken = min(left, bytes.count)
            content?.append(bytes.extracting(first: taken))
            state = taken == left ? .start(emptyLines: 0) : .fixedBody(left - taken)
            return (taken == left ? .end : .needsMore, taken)
        case .chunkedBody(var body):
            let (consumed, finished) = try body.advance(bytes, gathering: &content)
            state = finished ? .start(emptyLines: 0) : .chunkedBody(body)
            return (finished ? .end : .needsMore, consumed)
        }
    }

    /// Goes on with a head. One that arrives whole, as most do, is never stored.
    private mutating func advance(
        _ parser: inout HeadParser,
        _ bytes: Span<UInt8>
    ) throws(Refusal) -> (step: Step, consumed: Int) {
        let whole: HeadParser.Head?
        do {
            whole = try parser.advance(bytes)
        } catch {
            state = .head(parser)
            throw error
        }
        guard let head = whole else {
            state = .head(parser)
            return (.needsMore, 0)
        }
        switch head.semantics.body {
        case .none: state = .fixedBody(0)
        case .length(let length): state = .fixedBody(length)
        case .chunked: state = .chunkedBody(ChunkedBody(limits: limits))
        }
        return (.head(RequestHead(head, bytes)), head.length)
    }

    /// Counts the octets of a few CR LF before a request line.
    private func skipEmptyLines(_ bytes: Span<UInt8>, _ emptyLines: inout Int) throws(Refusal) -> Int {
        var index = 0
        while index + 1 < bytes.count, bytes[index] == Octet.carriageReturn {
            emptyLines += 1
            guard bytes[index + 1] == Octet.lineFeed else { throw .lineEndingInvalid }
            guard emptyLines <= Self.emptyLinesForgiven else { throw .requestLineMalformed }
            index += 2
        }
        return index
    }
}
