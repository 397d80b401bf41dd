import HTTPTypes

/// What a request head means for the connection: where its body ends, and whether another request may follow.
///
/// The one place that decides it. The parser notes each field once; nothing else looks at these fields again.
struct RequestSemantics: Sendable, Equatable {
    /// Where the body ends (RFC 9112 section 6.3).
    enum Body: Sendable, Equatable { case none, length(Int), chunked }

    var body: Body
    /// Whether the connection may carry another request (RFC 9112 section 9.3).
    var keepsAlive: Bool
    /// Whether the client waits for `100 Continue` before it sends the body (RFC 9110 section 10.1.1).
    var expectsContinue: Bool
}

/// The fields that decide about framing and persistence, noted in the order in which they come.
struct FramingFields {
    /// The fields that ``note(_:name:value:)`` looks at.
    static let names: Set<String> = [
        "host", "expect", "upgrade", "connection", "traceparent", "x-request-id", "content-length", "transfer-encoding",
    ]

    private enum Length { case none, one(Int), tooLarge }
    private enum Coding { case none, chunked, unsupported, invalid }

    private var hosts = 0
    private var length = Length.none
    private var coding = Coding.none
    private var hasTransferEncoding = false
    private var chunkedSeen = false
    private var otherCodingSeen = false
    private var close = false
    private var keepAlive = false
    private var continueExpected = false
    private var otherExpectation = false

    /// Where the caller's request identifier stands, if it is a single one.
    private(set) var requestID: Range<Int>?
    /// Where the caller's `traceparent` stands, if it is a single one.
    private(set) var traceParent: Range<Int>?
    private var requestIDs = 0
    private var traceParents = 0

    /// Notes a field whose name and value were checked; the value is trimmed.
    mutating func note(_ bytes: Span<UInt8>, name: Range<Int>, value: Range<Int>) throws(Refusal) {
        switch name.count {
        case 4 where bytes.matches(name, lowercased: "host"):
            hosts += 1
            if hosts > 1 { throw .hostRepeated }
            guard Authority.isValid(bytes, value, portRequired: false) else { throw .hostInvalid }
        case 6 where bytes.matches(name, lowercased: "expect"):
            noteExpectation(bytes, value)
        case 10 where bytes.matches(name, lowercased: "connection"):
            noteConnection(bytes, value)
        case 11 where bytes.matches(name, lowercased: "traceparent"):
            traceParents += 1
            traceParent = traceParents == 1 ? value : nil
        case 12 where bytes.matches(name, lowercased: "x-request-id"):
            requestIDs += 1
            requestID = requestIDs == 1 ? value : nil
        case 14 where bytes.matches(name, lowercased: "content-length"):
            try noteContentLength(bytes, value)
        case 17 where bytes.matches(name, lowercased: "transfer-encoding"):
            noteTransferEncoding(bytes, value)
        default:
            break
        }
    }

    /// Decides, once the header section is whole.
    func conclude(_ line: RequestLine, bodyLimit: Int) throws(Refusal) -> RequestSemantics {
        // RFC 9112 section 3.2: an HTTP/1.1 request without Host is answered with 400, whatever form its target has.
        if hosts == 0, line.version == .http11 { throw .hostMissing }
        if line.isMisdirected { throw .targetMisdirected }
        let body = try bodyFraming(line.version)
        if otherExpectation, line.version == .http11 { throw .expectationUnknown }
        if case .length(let length) = body, length > bodyLimit { throw .bodyTooLarge }
        // Behind CONNECT come a tunnel's octets. An offered upgrade is ignored (RFC 9110 section 7.8): a client goes on in
        // another protocol only after a 101.
        let keepsAlive = !close && line.method != .connect && (line.version == .http11 || keepAlive)
        return RequestSemantics(
            body: body,
            keepsAlive: keepsAlive,
            expectsContinue: continueExpected && line.version == .http11 && body != .none
        )
    }

    private func bodyFraming(_ version: RequestLine.Version) throws(Refusal) -> RequestSemantics.Body {
        if hasTransferEncoding {
            if version == .http10 { throw .transferEncodingWithHTTP10 }
            if case .none = length {} else { throw .contentLengthWithTransferEncoding }
            switch coding {
            case .chunked: return .chunked
            case .unsupported: throw .transferEncodingUnsupported
            case .invalid, .none: throw .transferEncodingInvalid
            }
        }
        switch length {
        case .none, .one(0): return .none
        case .one(let length): return .length(length)
        case .tooLarge: throw .bodyTooLarge
        }
    }

    /// `Content-Length = 1*DIGIT` (RFC 9110 section 8.6). A repeated one is refused even where all values agree.
    private mutating func noteContentLength(_ bytes: Span<UInt8>, _ value: Range<Int>) throws(Refusal) {
        guard !value.isEmpty else { throw .contentLengthInvalid }
        if case .none = length {} else { throw .contentLengthRepeated }
        var total = 0
        var overflow = false
        for index in value {
            guard Octet.isDigit(bytes[index]) else { throw .contentLengthInvalid }
            let (product, overflowed) = total.multipliedReportingOverflow(by: 10)
            let (sum, overflowedToo) = product.addingReportingOverflow(Int(bytes[index] - 0x30))
            overflow = overflow || overflowed || overflowedToo
            total = sum
        }
        length = overflow ? .tooLarge : .one(total)
    }

    /// `Transfer-Encoding` over all its lines: only a lone `chunked` is implemented (RFC 9112 section 6.1).
    private mutating func noteTransferEncoding(_ bytes: Span<UInt8>, _ value: Range<Int>) {
        hasTransferEncoding = true
        if value.isEmpty { coding = .invalid }
        bytes.forEachListElement(value) { element in
            if case .invalid = coding { return }
            // A coding behind `chunked`, or `chunked` twice, leaves the end of the body unknown (RFC 9112 section 6.3).
            guard !chunkedSeen, isCoding(bytes, element) else {
                coding = .invalid
                return
            }
            if bytes.matches(element, lowercased: "chunked") {
                chunkedSeen = true
                coding = otherCodingSeen ? .unsupported : .chunked
            } else {
                otherCodingSeen = true
                coding = .unsupported
            }
        }
    }

    /// Whether an element begins with a token, as `transfer-coding` does; its parameters do not matter here.
    private func isCoding(_ bytes: Span<UInt8>, _ element: Range<Int>) -> Bool {
        var end = element.lowerBound
        while end < element.upperBound, ByteClass.token.contains(bytes[end]) { end += 1 }
        guard end > element.lowerBound else { return false }
        if end == element.upperBound { return true }
        // `chunked` has no parameters (RFC 9112 section 7.1).
        if bytes.matches(element.lowerBound..<end, lowercased: "chunked") { return false }
        let rest = bytes.trimmed(end..<element.upperBound)
        return bytes[rest.lowerBound] == Octet.semicolon
    }

    private mutating func noteConnection(_ bytes: Span<UInt8>, _ value: Range<Int>) {
        bytes.forEachListElement(value) { option in
            if bytes.matches(option, lowercased: "close") { close = true }
            if bytes.matches(option, lowercased: "keep-alive") { keepAlive = true }
        }
    }

    private mutating func noteExpectation(_ bytes: Span<UInt8>, _ value: Range<Int>) {
        bytes.forEachListElement(value) { expectation in
            if bytes.matches(expectation, lowercased: "100-continue") {
                continueExpected = true
            } else if !expectation.isEmpty {
                otherExpectation = true
            }
        }
    }
}
