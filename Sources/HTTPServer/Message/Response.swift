public import HTTPTypes

/// An answer, encoded once when it is made: one that never changes costs nothing to give again.
public struct Response: Sendable {
    /// What is the same in every use; one reference, since answers are handed about.
    private final class Content: Sendable {
        let status: HTTPResponse.Status
        let body: [UInt8]
        let head: [UInt8]

        init(status: HTTPResponse.Status, body: [UInt8], head: [UInt8]) {
            self.status = status
            self.body = body
            self.head = head
        }
    }

    private let content: Content
    /// The route that gave the answer, as it was declared (`/hello/{name}`), or nil where none matched.
    public var route: String?
    /// The route's place in the responder's list, so that whoever counts answers need not look at text.
    public var routeNumber: Int?

    /// The status.
    public var status: HTTPResponse.Status { content.status }
    /// The content, empty if there is none.
    public var body: [UInt8] { content.body }
    /// The status line and the fields that do not differ from one use to the next.
    package var head: [UInt8] { content.head }

    /// Creates an answer with content.
    ///
    /// - Parameters:
    ///   - status: The status.
    ///   - contentType: The media type of the content.
    ///   - fields: Further fields. `Date`, `Content-Length`, `Connection` and `X-Request-ID` are the server's own.
    ///   - body: The content.
    ///   - route: The route as it was declared.
    public init(
        status: HTTPResponse.Status,
        contentType: String,
        fields: HTTPFields = [:],
        body: [UInt8],
        route: String? = nil
    ) {
        self.route = route
        let first = ["Content-Type: \(contentType)", "Content-Length: \(body.count)"]
        content = Content(status: status, body: body, head: Self.encode(status, first, fields))
    }

    /// Creates a 204, which has no content.
    public init(noContentWith fields: HTTPFields, route: String? = nil) {
        self.route = route
        content = Content(status: .noContent, body: [], head: Self.encode(.noContent, [], fields))
    }

    /// Creates the answer `{"detail": …}` that every error has.
    ///
    /// - Parameters:
    ///   - status: The status.
    ///   - detail: What is wrong; it must not hold what a client sent.
    ///   - fields: Further fields, such as `Retry-After`.
    ///   - route: The route as it was declared.
    public init(
        status: HTTPResponse.Status,
        detail: String,
        fields: HTTPFields = [:],
        route: String? = nil
    ) {
        let escaped = detail.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        self.init(
            status: status,
            contentType: "application/json",
            fields: fields,
            body: Array("{\"detail\":\"\(escaped)\"}".utf8),
            route: route
        )
    }

    private static func encode(_ status: HTTPResponse.Status, _ first: [String], _ fields: HTTPFields) -> [UInt8] {
        let others = fields.map { "\($0.name.rawName): \($0.value)" }
        let lines = ["HTTP/1.1 \(status.code) \(status.reasonPhrase)"] + first + others
        return Array((lines.joined(separator: "\r\n") + "\r\n").utf8)
    }
}
