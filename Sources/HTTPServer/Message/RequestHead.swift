public import HTTPTypes

/// The head of a request that was accepted: what it asks for, and its fields as they came.
public struct RequestHead: Sendable {
    /// The method; always one of IANA's registry.
    public let method: HTTPRequest.Method
    /// What the head means for the connection.
    let semantics: RequestSemantics

    private let bytes: [UInt8]
    private let line: RequestLine
    private let requestIDRange: Range<Int>?
    private let traceParentRange: Range<Int>?

    init(_ head: HeadParser.Head, _ bytes: Span<UInt8>) {
        method = head.line.method
        semantics = head.semantics
        line = head.line
        requestIDRange = head.requestID
        traceParentRange = head.traceParent
        self.bytes = Array(unsafeUninitializedCapacity: head.length) { buffer, count in
            for index in 0..<head.length { buffer.initializeElement(at: index, to: bytes[index]) }
            count = head.length
        }
    }

    /// Whether the request asks about the server as a whole (`OPTIONS *`, RFC 9112 section 3.2.4).
    public var isForServer: Bool { line.targetForm == .asterisk }

    /// The whole target as it was sent: visible ASCII, checked, not decoded.
    public var target: String { string(line.target) }

    /// The path as it was sent, not decoded; `/` where the target has none.
    public var path: String { line.path.isEmpty ? "/" : string(line.path) }

    /// The query as it was sent, without its `?`, or nil where there is none.
    public var query: String? { line.query.map(string) }

    /// Whether the client speaks HTTP/1.0.
    public var isHTTP10: Bool { line.version == .http10 }

    /// Whether the path as it was sent is exactly this ASCII text; cheaper than `path`.
    public func pathEquals(_ literal: StaticString) -> Bool {
        line.path.isEmpty ? literal.utf8CodeUnitCount == 1 : bytes.span.equals(line.path, literal)
    }

    /// The caller's `X-Request-ID` if there is one, and if it is a sane token of at most 128 characters.
    var requestID: String? {
        guard let range = requestIDRange, (1...128).contains(range.count) else { return nil }
        guard range.allSatisfy({ ByteClass.token.contains(bytes[$0]) }) else { return nil }
        return string(range)
    }

    /// The caller's `traceparent` as it came, if there is just one.
    public var traceParent: String? { traceParentRange.map(string) }

    /// The value of a field in the order of its lines, white space at the ends removed; empty where it is absent.
    ///
    /// - Parameter name: The field's name in lower case.
    public func values(ofField name: StaticString) -> [String] {
        var values: [String] = []
        var scanner = LineScanner()
        let span = bytes.span
        // The head was checked when it arrived, so that neither call fails here.
        _ = try? scanner.next(span)
        while let range = try? scanner.next(span), !range.isEmpty {
            guard let field = try? FieldLine(span, range), span.matches(field.name, lowercased: name) else { continue }
            values.append(string(field.value))
        }
        return values
    }

    private func string(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}
