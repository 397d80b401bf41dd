/// Reads a request head out of octets that arrive in pieces; none is consumed before the head is whole.
struct HeadParser: Sendable {
    /// A whole head: how many octets it takes, and what it says.
    struct Head {
        var length: Int
        var line: RequestLine
        var semantics: RequestSemantics
        var requestID: Range<Int>?
        var traceParent: Range<Int>?
    }

    private let limits: RequestLimits
    private var lines = LineScanner()
    private var requestLine: RequestLine?
    private var framing = FramingFields()
    private var fieldsStart = 0
    private var fieldCount = 0

    init(limits: RequestLimits) {
        self.limits = limits
    }

    /// Looks at the octets from the head's first one on. Returns the head once it is whole, nil where more is needed.
    mutating func advance(_ bytes: Span<UInt8>) throws(Refusal) -> Head? {
        if requestLine == nil {
            // What cannot become a request is told at once: most often a client that speaks TLS.
            if bytes.count > 0, !ByteClass.token.contains(bytes[0]) { throw .requestLineMalformed }
            guard let line = try nextLine(bytes, isRequestLine: true) else { return nil }
            requestLine = try RequestLine(bytes, line)
            fieldsStart = lines.lineStart
        }
        while let line = try nextLine(bytes, isRequestLine: false) {
            if line.isEmpty { return try conclude(bytes) }
            fieldCount += 1
            if fieldCount > limits.headerFields { throw .fieldsTooMany }
            let field = try FieldLine(bytes, line)
            try framing.note(bytes, name: field.name, value: field.value)
        }
        return nil
    }

    private mutating func nextLine(_ bytes: Span<UInt8>, isRequestLine: Bool) throws(Refusal) -> Range<Int>? {
        let line: Range<Int>?
        do {
            line = try lines.next(bytes)
        } catch {
            // A limit that was passed before the bad line ending is what the client hears of, as it does when the
            // octets come one by one.
            let octets = lines.scanned - fieldsStart
            if isRequestLine, octets > limits.requestLine + 1 { throw .requestLineTooLong }
            if !isRequestLine, octets > limits.headerSection { throw .headerSectionTooLarge }
            throw error
        }
        if isRequestLine {
            // The CR of an unfinished line is not counted yet.
            if (line?.count ?? lines.pending(bytes) - 1) > limits.requestLine { throw .requestLineTooLong }
        } else if (line == nil ? bytes.count : lines.lineStart) - fieldsStart > limits.headerSection {
            throw .headerSectionTooLarge
        }
        return line
    }

    private func conclude(_ bytes: Span<UInt8>) throws(Refusal) -> Head? {
        guard let requestLine else { return nil }
        return Head(
            length: lines.lineStart,
            line: requestLine,
            semantics: try framing.conclude(requestLine, bodyLimit: limits.body),
            requestID: framing.requestID,
            traceParent: framing.traceParent
        )
    }
}
