import HTTPTypes

/// The request line of HTTP/1.1 (RFC 9112 section 3), taken apart and checked.
struct RequestLine: Sendable, Equatable {
    /// The protocol version, as far as it matters: a minor above 1 is treated as 1 (RFC 9110 section 2.5).
    enum Version: Sendable, Equatable { case http10, http11 }

    /// The forms of a request target (RFC 9112 section 3.2).
    enum TargetForm: Sendable, Equatable { case origin, absolute, authority, asterisk }

    var method: HTTPRequest.Method
    var targetForm: TargetForm
    /// The whole target.
    var target: Range<Int>
    /// The path within the target; empty means `/`.
    var path: Range<Int>
    /// The query within the target, without its `?`.
    var query: Range<Int>?
    var version: Version
    /// Whether the target names an `https` origin, for which a connection without TLS has no authority (RFC 9110
    /// section 7.4).
    var isMisdirected = false

    /// Reads a request line from a range of octets that excludes its line ending.
    init(_ bytes: Span<UInt8>, _ line: Range<Int>) throws(Refusal) {
        var cursor = line.lowerBound
        while cursor < line.upperBound, ByteClass.token.contains(bytes[cursor]) { cursor += 1 }
        guard cursor > line.lowerBound, cursor < line.upperBound, bytes[cursor] == Octet.space else {
            throw .requestLineMalformed
        }
        let methodRange = line.lowerBound..<cursor
        let targetStart = cursor + 1
        guard let versionSpace = Self.lastSpace(bytes, targetStart..<line.upperBound), versionSpace > targetStart else {
            throw .requestLineMalformed
        }
        let target = targetStart..<versionSpace
        version = try Self.version(bytes, versionSpace + 1..<line.upperBound)
        guard let method = KnownMethods.method(bytes, methodRange) else { throw .methodUnknown }
        self.method = method
        self.target = target
        isMisdirected = Self.isSecure(bytes, target)
        (targetForm, path, query) = try Self.parts(bytes, target, method)
    }

    private static func lastSpace(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        var index = range.upperBound
        while index > range.lowerBound {
            index -= 1
            if bytes[index] == Octet.space { return index }
        }
        return nil
    }

    /// `HTTP-version` of RFC 9112 section 2.3; its name is case-sensitive.
    private static func version(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(Refusal) -> Version {
        let start = range.lowerBound
        guard range.count == 8, bytes.equals(start..<start + 5, "HTTP/"), bytes[start + 6] == UInt8(ascii: "."),
            Octet.isDigit(bytes[start + 5]), Octet.isDigit(bytes[start + 7])
        else { throw .versionMalformed }
        guard bytes[start + 5] == UInt8(ascii: "1") else { throw .versionUnsupported }
        return bytes[start + 7] == UInt8(ascii: "0") ? .http10 : .http11
    }

    private static func parts(
        _ bytes: Span<UInt8>,
        _ target: Range<Int>,
        _ method: HTTPRequest.Method
    ) throws(Refusal) -> (TargetForm, Range<Int>, Range<Int>?) {
        if method == .connect {
            guard Authority.isValid(bytes, target, portRequired: true) else { throw .targetInvalid }
            return (.authority, target, nil)
        }
        if bytes[target.lowerBound] == Octet.slash {
            let (path, query) = try pathAndQuery(bytes, target)
            return (.origin, path, query)
        }
        if bytes.equals(target, "*") {
            guard method == .options else { throw .targetInvalid }
            return (.asterisk, target, nil)
        }
        guard let authorityStart = afterScheme(bytes, target) else { throw .targetInvalid }
        var authorityEnd = authorityStart
        while authorityEnd < target.upperBound, bytes[authorityEnd] != Octet.slash,
            bytes[authorityEnd] != Octet.question
        {
            authorityEnd += 1
        }
        guard Authority.isValid(bytes, authorityStart..<authorityEnd, portRequired: false) else { throw .targetInvalid }
        let (path, query) = try pathAndQuery(bytes, authorityEnd..<target.upperBound)
        // An absolute target with neither path nor query asks OPTIONS of the server as a whole (RFC 9112 section 3.2.4).
        let form: TargetForm = method == .options && path.isEmpty && query == nil ? .asterisk : .absolute
        return (form, path, query)
    }

    /// Where the authority begins in an `http` or `https` target.
    private static func afterScheme(_ bytes: Span<UInt8>, _ target: Range<Int>) -> Int? {
        let start = target.lowerBound
        if target.count > 7, bytes.matches(start..<start + 7, lowercased: "http://") { return start + 7 }
        if isSecure(bytes, target) { return start + 8 }
        return nil
    }

    private static func isSecure(_ bytes: Span<UInt8>, _ target: Range<Int>) -> Bool {
        let start = target.lowerBound
        return target.count > 8 && bytes.matches(start..<start + 8, lowercased: "https://")
    }

    private static func pathAndQuery(
        _ bytes: Span<UInt8>,
        _ range: Range<Int>
    ) throws(Refusal) -> (Range<Int>, Range<Int>?) {
        var queryStart: Int?
        var index = range.lowerBound
        while index < range.upperBound {
            let octet = bytes[index]
            if octet == Octet.percent {
                guard bytes.hasPercentTriplet(at: index, before: range.upperBound) else { throw .targetInvalid }
            } else {
                guard ByteClass.target.contains(octet) else { throw .targetInvalid }
                if octet == Octet.question, queryStart == nil { queryStart = index }
            }
            index += 1
        }
        guard let queryStart else { return (range, nil) }
        return (range.lowerBound..<queryStart, queryStart + 1..<range.upperBound)
    }
}
