/// How much of a request the server takes in.
public struct RequestLimits: Sendable, Equatable {
    /// Octets in a request line, its line ending apart (414 beyond).
    public var requestLine: Int
    /// Octets in a header section or a trailer section, line endings included (431 beyond).
    public var headerSection: Int
    /// Fields in a header section or a trailer section (431 beyond).
    public var headerFields: Int
    /// Octets of content (413 beyond).
    public var body: Int

    /// Creates limits; the defaults suit an API without uploads.
    public init(requestLine: Int = 8192, headerSection: Int = 32768, headerFields: Int = 100, body: Int = 65536) {
        self.requestLine = requestLine
        self.headerSection = headerSection
        self.headerFields = headerFields
        self.body = body
    }

    /// For what was within its limits already.
    static let unlimited = RequestLimits(
        requestLine: 1 << 30,
        headerSection: 1 << 30,
        headerFields: 1 << 30,
        body: 1 << 40
    )
}
