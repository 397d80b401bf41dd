import HTTPServer

/// What a request brings for parameters, as it was sent. Only what a parameter asks for is looked at and decoded.
struct RequestInput: Sendable {
    /// The parts of the path by name, as they were sent.
    var path: [String: String]
    /// The query as it was sent.
    var query: String
    /// The head, for its fields.
    var head: RequestHead?
    /// The body, where it is read member by member and is JSON.
    var body: JSON?
    /// The content as it was sent, for a parameter that is all of it.
    var content: [UInt8] = []

    /// The input of an endpoint without parameters.
    static let nothing = RequestInput(path: [:], query: nil)

    /// - Parameters:
    ///   - path: The parts of the path by name, as they were sent.
    ///   - query: The query as it was sent.
    ///   - head: The head.
    ///   - body: The body, if it is read.
    ///   - content: The content as it was sent.
    init(path: [String: String], query: String?, head: RequestHead? = nil, body: JSON? = nil, content: [UInt8] = []) {
        self.path = path
        self.query = query ?? ""
        self.head = head
        self.body = body
        self.content = content
    }

    /// The values of a parameter of the query, as they were sent and in their order. What has another name costs a look at
    /// each of its octets, and no memory.
    func values(of name: String) -> [String] {
        if query.isEmpty { return [] }
        var (query, name) = (query, name)
        return name.withUTF8 { name in
            query.withUTF8 { query in
                var values: [String] = []
                var start = 0
                while start < query.count {
                    let behindName = Self.behind(name, in: query, from: start)
                    var end = behindName ?? start
                    while end < query.count, query[end] != UInt8(ascii: "&") { end += 1 }
                    if let behindName {
                        let value = query[min(behindName + 1, end)..<end]
                        values.append(String(decoding: value, as: UTF8.self))
                    }
                    start = end + 1
                }
                return values
            }
        }
    }

    /// The index behind an item's name if that, decoded, is this one: of its `=`, or of its end.
    private static func behind(
        _ name: UnsafeBufferPointer<UInt8>,
        in query: UnsafeBufferPointer<UInt8>,
        from start: Int
    ) -> Int? {
        var index = start
        for wanted in name {
            guard index < query.count else { return nil }
            var octet = query[index]
            if octet == UInt8(ascii: "%"), index + 2 < query.count,
                let high = PercentEncoding.hexValue(query[index + 1]),
                let low = PercentEncoding.hexValue(query[index + 2])
            {
                octet = high << 4 | low
                index += 2
            } else if octet == UInt8(ascii: "+") {
                octet = UInt8(ascii: " ")
            }
            guard octet == wanted else { return nil }
            index += 1
        }
        let isWhole = index == query.count || query[index] == UInt8(ascii: "=") || query[index] == UInt8(ascii: "&")
        return isWhole ? index : nil
    }
}
