public import HTTPEndpoints
public import HTTPServer
public import HTTPTypes

/// Sends requests to endpoints without a socket, and gets their answers.
///
///     let client = EndpointsClient(Greeter().endpoints(NoSettings()))
///     let answer = try await client.send(.get, "/hello/you?delay=0")
///     #expect(answer.status == .ok && answer.text == #"{"Hello":"you"}"#)
///
/// The endpoints that every service has are there, too. A request that a server would refuse before it reaches an endpoint
/// is an error here.
public struct EndpointsClient: Sendable {
    /// An answer.
    public struct Answer: Sendable {
        /// Its status.
        public let status: HTTPResponse.Status
        /// Its content.
        public let body: [UInt8]
        /// The endpoint's path as it was declared; nil where none matched.
        public let route: String?

        private let head: [UInt8]

        init(_ response: Response) {
            status = response.status
            body = response.body
            route = response.route
            head = response.head
        }

        /// The value of a field, by its name in any case; nil where there is none. Those that a server adds are not there.
        public func field(_ name: String) -> String? {
            let prefix = name.lowercased() + ": "
            let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
            return lines.first { $0.lowercased().hasPrefix(prefix) }.map { String($0.dropFirst(prefix.utf8.count)) }
        }

        /// The content as text.
        public var text: String { String(decoding: body, as: UTF8.self) }

        /// The content as a value.
        ///
        /// - Throws: `DecodingError`, or what is wrong with the JSON.
        public func decoded<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
            try JSON(parsing: body).decoded(as: type)
        }
    }

    /// What a server would have answered itself.
    public struct Refused: Error, CustomStringConvertible {
        /// The status of its answer.
        public let status: HTTPResponse.Status
        /// What is wrong with the request.
        public let description: String
    }

    private let service: EndpointService
    private let clock: any RequestClock
    private let listener: String

    /// Creates a client.
    ///
    /// - Parameters:
    ///   - endpoints: What is asked.
    ///   - clock: What handlers wait on; on the usual one, no time passes at all.
    ///   - listener: The name of the listener that requests seem to come from; `admin` finds what is for administrators.
    public init(_ endpoints: [Endpoint], clock: any RequestClock = InstantClock(), listener: String = "http") {
        service = EndpointService(endpoints, parts: .init(description: APIDescription(title: "test", version: "0")))
        self.clock = clock
        self.listener = listener
    }

    /// Sends a request, and waits for its answer.
    ///
    /// - Parameters:
    ///   - method: Its method.
    ///   - target: Its path and query, percent-encoded as they are sent.
    ///   - fields: Fields of its head. `Host` and `Content-Length` are there without being named.
    ///   - body: Its content.
    /// - Throws: ``Refused``, or what the endpoint throws that has no answer of its own.
    public func send(
        _ method: HTTPRequest.Method,
        _ target: String,
        fields: [(name: String, value: String)] = [],
        body: String? = nil
    ) async throws -> Answer {
        let content = Array((body ?? "").utf8)
        var lines = ["\(method.rawValue) \(target) HTTP/1.1", "Host: test"]
        if body != nil { lines.append("Content-Length: \(content.count)") }
        lines += fields.map { "\($0.name): \($0.value)" }
        let head: RequestHead
        do {
            head = try RequestHead(parsing: Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8))
        } catch {
            throw Refused(status: error.status, description: error.rawValue)
        }
        let request = Request(
            head: head,
            id: .caller("test"),
            listener: listener,
            clock: clock,
            isDraining: false,
            content: service.takesContent(head) ? content : []
        )
        let response = try await service.respond(to: request)
        return Answer(response)
    }

    /// Sends a value as JSON, and waits for the answer. The parameters are those of ``send(_:_:fields:body:)``.
    public func send(
        _ method: HTTPRequest.Method,
        _ target: String,
        fields: [(name: String, value: String)] = [],
        json value: some Encodable
    ) async throws -> Answer {
        let text = String(decoding: try JSON(encoding: value).bytes, as: UTF8.self)
        return try await send(method, target, fields: fields + [("Content-Type", "application/json")], body: text)
    }
}
