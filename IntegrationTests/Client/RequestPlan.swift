import NIOCore

/// What to ask of whom, and what the answer must be: HTTP/1.1 with a `Content-Length` or in chunks. One that only the end of
/// its connection ends is ``Outcome/wrongAnswer``: it cannot be told from one that was cut off.
public struct RequestPlan: Sendable {
    /// One request of a plan whose requests differ.
    public struct Request: Sendable {
        /// The request target, `/hello/x?delay=0`.
        public var path: String
        /// The body that must come back, byte for byte; nil accepts any.
        public var expectedBody: [UInt8]?

        /// A request and its answer.
        public init(path: String, expectedBody: [UInt8]?) {
            self.path = path
            self.expectedBody = expectedBody
        }
    }

    /// What the load is called in reports.
    public var label = ""
    /// Where to connect to.
    public var target: Target
    /// The method; an answer to HEAD is expected to have no body.
    public var method = "GET"
    /// Further header fields. A `Host` here takes the place of the usual one.
    public var headers: [(name: String, value: String)] = []
    /// Content of each request.
    public var body: [UInt8]?
    /// The status that the answer must have.
    public var expectedStatus = 200
    /// When set, each request carries `X-Request-ID: <prefix>-<sequence>`, and its answer must echo it, so that an
    /// answer given twice, or to another request, is told apart.
    public var requestIDPrefix: String?
    /// How long connecting, and then answering, may take each. Looked at every 100 ms.
    public var timeout: Duration = .seconds(10)
    /// How long the end of a connection may take after an answer that announced it; later it is counted as
    /// ``LoadReport/closeMissing``.
    public var closeWithin: Duration = .seconds(1)
    /// When set, a right answer that takes longer is ``Outcome/slow``.
    public var slowerThan: Duration?

    /// The request by sequence number. Numbers are unique within a load, not in order of time.
    var request: @Sendable (UInt64) -> Request
    /// All requests are alike, so that they are encoded once.
    var isFixed: Bool

    /// A plan of equal requests.
    public init(target: Target, path: String = "/", expectedBody: [UInt8]? = nil) {
        self.target = target
        let request = Request(path: path, expectedBody: expectedBody)
        self.request = { _ in request }
        isFixed = true
    }

    /// A plan of equal requests whose answer is a text.
    public init(target: Target, path: String = "/", expecting body: String) {
        self.init(target: target, path: path, expectedBody: [UInt8](body.utf8))
    }

    /// A plan whose requests depend on their sequence number. The closure runs on an event loop and must be quick.
    public init(target: Target, request: @escaping @Sendable (_ sequence: UInt64) -> Request) {
        self.target = target
        self.request = request
        isFixed = false
    }
}

/// Turns a plan into bytes, on one event loop.
struct RequestEncoder {
    /// A request ready to be sent, and what must come back.
    struct Encoded {
        var bytes: ByteBuffer
        var expected: ExpectedAnswer
    }

    private let plan: RequestPlan
    private let extraFields: String
    private let constant: Encoded?

    init(plan: RequestPlan, announceClose: Bool) {
        self.plan = plan
        var fields = "\r\n"
        if !plan.headers.contains(where: { $0.name.lowercased() == "host" }) {
            fields += "Host: \(plan.target.hostField)\r\n"
        }
        for field in plan.headers { fields += "\(field.name): \(field.value)\r\n" }
        if let body = plan.body { fields += "Content-Length: \(body.count)\r\n" }
        if announceClose { fields += "Connection: close\r\n" }
        extraFields = fields
        if plan.isFixed, plan.requestIDPrefix == nil {
            constant = Self.encode(plan.request(0), plan: plan, fields: fields, id: nil)
        } else {
            constant = nil
        }
    }

    func encode(sequence: UInt64) -> Encoded {
        if let constant { return constant }
        let id = plan.requestIDPrefix.map { "\($0)-\(sequence)" }
        return Self.encode(plan.request(sequence), plan: plan, fields: extraFields, id: id)
    }

    private static func encode(
        _ request: RequestPlan.Request,
        plan: RequestPlan,
        fields: String,
        id: String?
    ) -> Encoded {
        var bytes = ByteBuffer()
        bytes.reserveCapacity(64 + request.path.utf8.count + fields.utf8.count)
        bytes.writeString(plan.method)
        bytes.writeString(" ")
        bytes.writeString(request.path)
        bytes.writeString(" HTTP/1.1")
        bytes.writeString(fields)
        if let id {
            bytes.writeString("X-Request-ID: ")
            bytes.writeString(id)
            bytes.writeString("\r\n")
        }
        bytes.writeString("\r\n")
        if let body = plan.body { bytes.writeBytes(body) }
        return Encoded(
            bytes: bytes,
            expected: ExpectedAnswer(
                status: plan.expectedStatus,
                body: request.expectedBody,
                requestID: id.map { [UInt8]($0.utf8) },
                toHead: plan.method == "HEAD"
            )
        )
    }
}
