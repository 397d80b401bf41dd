/// An answer as it came: status, fields in their order, and the body (chunks put together).
public struct RawResponse: Sendable, Equatable {
    /// The version of the status line, `HTTP/1.1`.
    public var version: String
    /// The status code.
    public var status: Int
    /// The reason phrase, which may be empty.
    public var reason: String
    /// All fields in the order in which they came, names as sent.
    public var headers: [Field]
    /// The body.
    public var body: [UInt8]

    /// One field.
    public struct Field: Sendable, Equatable {
        /// The name as sent.
        public var name: String
        /// The value without the white space around it.
        public var value: String
    }

    /// The values of a field, in order; its name in any case.
    public func values(_ name: String) -> [String] {
        headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }

    /// The first value of a field.
    public subscript(_ name: String) -> String? { values(name).first }

    /// The body as text.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// Whether the answer announces that the connection ends with it.
    public var announcesClose: Bool {
        let tokens = values("Connection").flatMap { $0.lowercased().split(separator: ",") }
        return tokens.contains { RawResponseParser.trimmed($0) == "close" }
    }
}

/// Finds one answer at the front of some bytes (RFC 9112). Pure.
enum RawResponseParser {
    /// What the bytes hold.
    enum Step: Equatable {
        /// Not a whole answer yet.
        case more
        /// An answer, and how many bytes it takes.
        case complete(RawResponse, consumed: Int)
        /// No HTTP/1.1 answer.
        case malformed(String)
    }

    /// - Parameters:
    ///   - bytes: All that has come and was not taken.
    ///   - toHead: The request was HEAD: there is no body, whatever the fields say (RFC 9110 section 9.3.2).
    ///   - isEnded: The stream has ended, which is what ends a body without a length (RFC 9112 section 6.3).
    static func parse(_ bytes: some Collection<UInt8>, toHead: Bool, isEnded: Bool) -> Step {
        let bytes = ArraySlice(bytes)
        guard let headEnd = range(of: [0x0D, 0x0A, 0x0D, 0x0A], in: bytes) else { return .more }
        var lines = String(decoding: bytes[bytes.startIndex..<headEnd.lowerBound], as: UTF8.self)
            .split(separator: "\r\n", omittingEmptySubsequences: false)
        let statusLine = lines.removeFirst().split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard statusLine.count >= 2, statusLine[0].hasPrefix("HTTP/"), statusLine[1].utf8.count == 3,
            let status = Int(statusLine[1])
        else { return .malformed("status line") }
        var response = RawResponse(
            version: String(statusLine[0]),
            status: status,
            reason: statusLine.count > 2 ? String(statusLine[2]) : "",
            headers: [],
            body: []
        )
        for line in lines {
            guard let colon = line.firstIndex(of: ":"), colon > line.startIndex else {
                return .malformed("field “\(line)”")
            }
            let value = trimmed(line[line.index(after: colon)...])
            response.headers.append(.init(name: String(line[..<colon]), value: value))
        }
        return body(of: response, in: bytes, from: headEnd.upperBound, toHead: toHead, isEnded: isEnded)
    }

    private static func body(
        of response: RawResponse,
        in bytes: ArraySlice<UInt8>,
        from start: Int,
        toHead: Bool,
        isEnded: Bool
    ) -> Step {
        var response = response
        let lengths = Set(response.values("Content-Length"))
        if toHead || response.status < 200 || response.status == 204 || response.status == 304 {
            return .complete(response, consumed: start - bytes.startIndex)
        }
        if response["Transfer-Encoding"]?.lowercased() == "chunked" {
            guard lengths.isEmpty else { return .malformed("Content-Length beside Transfer-Encoding") }
            return chunks(of: response, in: bytes, from: start - bytes.startIndex)
        }
        guard response["Transfer-Encoding"] == nil else { return .malformed("Transfer-Encoding") }
        guard let length = lengths.first else {
            guard isEnded else { return .more }
            response.body = Array(bytes[start...])
            return .complete(response, consumed: bytes.count)
        }
        guard lengths.count == 1, length.allSatisfy(\.isNumber), let count = Int(length) else {
            return .malformed("Content-Length \(lengths.sorted())")
        }
        guard bytes.endIndex - start >= count else { return .more }
        response.body = Array(bytes[start..<start + count])
        return .complete(response, consumed: start + count - bytes.startIndex)
    }

    private static func chunks(of response: RawResponse, in bytes: ArraySlice<UInt8>, from start: Int) -> Step {
        var response = response
        var scanner = ChunkScanner()
        return bytes.withUnsafeBytes { bytes in
            var index = start
            do throws(ResponseHead.Malformed) {
                while true {
                    switch try scanner.next(in: bytes, from: index) {
                    case .more: return .more
                    case .ended(let end): return .complete(response, consumed: end)
                    case .data(let range):
                        response.body += bytes[range]
                        index = range.upperBound
                    }
                }
            } catch {
                return .malformed(error.reason)
            }
        }
    }

    private static func range(of mark: [UInt8], in bytes: ArraySlice<UInt8>) -> Range<Int>? {
        var place = bytes.startIndex
        while let first = bytes[place...].firstIndex(of: mark[0]) {
            guard bytes.endIndex - first >= mark.count else { return nil }
            if bytes[first..<first + mark.count].elementsEqual(mark) { return first..<first + mark.count }
            place = first + 1
        }
        return nil
    }

    static func trimmed(_ text: Substring) -> String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        guard let first = text.firstIndex(where: { !isSpace($0) }),
            let last = text.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(text[first...last])
    }
}
