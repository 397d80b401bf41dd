public import HTTPTypes

/// The head of a request that was accepted: what it asks for, and its fields as they came.
///
/// One reference to one piece of memory, since it is handed about with its request.
public struct RequestHead: Sendable {
    private struct Facts: Sendable {
        let line: RequestLine
        let semantics: RequestSemantics
        let requestID: Range<Int>?
        let traceParent: Range<Int>?
        let length: Int
    }

    /// The facts, and behind them the octets. Written once, before anybody else has it.
    private struct Storage: @unchecked Sendable {
        let buffer: ManagedBuffer<Facts, UInt8>
    }

    private let storage: Storage

    init(_ head: HeadParser.Head, _ bytes: Span<UInt8>) {
        let facts = Facts(
            line: head.line,
            semantics: head.semantics,
            requestID: head.requestID,
            traceParent: head.traceParent,
            length: head.length
        )
        let buffer = ManagedBuffer<Facts, UInt8>.create(minimumCapacity: head.length) { _ in facts }
        buffer.withUnsafeMutablePointerToElements { octets in
            bytes.withUnsafeBufferPointer { source in
                if let start = source.baseAddress { octets.initialize(from: start, count: facts.length) }
            }
        }
        storage = Storage(buffer: buffer)
    }

    /// Reads a head, up to and with its empty line, as a server with the usual limits would; for tests.
    package init(parsing octets: [UInt8]) throws(Refusal) {
        var parser = RequestParser(limits: RequestLimits())
        guard case .head(let head) = try parser.next(octets.span).step else { throw .requestLineMalformed }
        self = head
    }

    private var facts: Facts { storage.buffer.header }

    private func withOctets<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        storage.buffer.withUnsafeMutablePointers { facts, octets in
            body(UnsafeBufferPointer(start: octets, count: facts.pointee.length))
        }
    }

    /// Octets that a head has at most that nobody made long on purpose.
    static let usualLength = 1024

    /// Octets of the head.
    var length: Int { facts.length }

    /// The head as it was sent, or as it was ``reduced(to:)``.
    var octets: [UInt8] { withOctets { Array($0) } }

    /// The same head with the fields that the server itself goes by, and some others. For one that is kept while its
    /// request waits.
    ///
    /// - Parameter fields: Names in lower case; nil for all.
    /// - Returns: nil where nothing can be left out.
    func reduced(to fields: Set<String>?) -> RequestHead? {
        guard let fields else { return nil }
        let kept = withOctets { octets in
            var kept: [UInt8] = []
            var scanner = LineScanner()
            let span = octets.span
            var isFirst = true
            // The head was checked when it arrived, so that none of these calls fails here.
            while let line = try? scanner.next(span) {
                let isKept =
                    isFirst || line.isEmpty
                    || (try? FieldLine(span, line)).map { field in
                        let name = String(decoding: octets[field.name], as: UTF8.self).lowercased()
                        return FramingFields.names.contains(name) || fields.contains(name)
                    } ?? true
                isFirst = false
                if isKept { kept += octets[line.lowerBound..<line.upperBound + 2] }
            }
            return kept
        }
        guard kept.count < length else { return nil }
        return RequestParser.takingUp(kept, nil, limits: .unlimited)?.head
    }

    /// The method; always one of IANA's registry.
    public var method: HTTPRequest.Method { facts.line.method }

    /// What the head means for the connection.
    var semantics: RequestSemantics { facts.semantics }

    /// Whether the request asks about the server as a whole (`OPTIONS *`, RFC 9112 section 3.2.4).
    public var isForServer: Bool { facts.line.targetForm == .asterisk }

    /// The whole target as it was sent: visible ASCII, checked, not decoded.
    public var target: String { string(facts.line.target) }

    /// The path as it was sent, not decoded; `/` where the target has none.
    public var path: String { facts.line.path.isEmpty ? "/" : string(facts.line.path) }

    /// The query as it was sent, without its `?`, or nil where there is none.
    public var query: String? { facts.line.query.map(string) }

    /// Whether the client speaks HTTP/1.0.
    public var isHTTP10: Bool { facts.line.version == .http10 }

    /// Whether the path as it was sent is exactly this ASCII text; cheaper than `path`.
    public func pathEquals(_ literal: StaticString) -> Bool {
        let path = facts.line.path
        return path.isEmpty ? literal.utf8CodeUnitCount == 1 : withOctets { $0.span.equals(path, literal) }
    }

    /// The caller's `X-Request-ID` if there is one, and if it is a sane token of at most 128 characters.
    var requestID: String? {
        guard let range = facts.requestID, (1...128).contains(range.count) else { return nil }
        guard withOctets({ octets in range.allSatisfy { ByteClass.token.contains(octets[$0]) } }) else { return nil }
        return string(range)
    }

    /// The caller's `traceparent` as it came, if there is just one.
    public var traceParent: String? { facts.traceParent.map(string) }

    /// The value of a field in the order of its lines, white space at the ends removed; empty where it is absent.
    ///
    /// - Parameter name: The field's name in lower case.
    public func values(ofField name: StaticString) -> [String] {
        withOctets { octets in
            var values: [String] = []
            var scanner = LineScanner()
            let span = octets.span
            // The head was checked when it arrived, so that neither call fails here.
            _ = try? scanner.next(span)
            while let range = try? scanner.next(span), !range.isEmpty {
                guard let field = try? FieldLine(span, range), span.matches(field.name, lowercased: name) else {
                    continue
                }
                values.append(String(decoding: octets[field.value], as: UTF8.self))
            }
            return values
        }
    }

    private func string(_ range: Range<Int>) -> String { withOctets { String(decoding: $0[range], as: UTF8.self) } }
}
