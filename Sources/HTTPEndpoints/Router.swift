import HTTPServer
import HTTPTypes

/// Finds the endpoint of a request. HEAD goes where GET goes; OPTIONS, 404 and 405 are answered here.
struct Router: Sendable {
    /// The name of the listeners on which endpoints for administrators are found.
    static let administrators = "admin"

    enum Match {
        case found(Endpoint, number: Int, path: [String: String])
        case answered(Response)
    }

    private final class Path: Sendable {
        let text: StaticString
        let segments: [Segment]
        let isForAdministrators: Bool
        /// The endpoints with their numbers.
        let endpoints: [(number: Int, endpoint: Endpoint)]
        /// 204 with `Allow`.
        let options: Response
        /// 405 with `Allow` (RFC 9110 section 15.5.6).
        let methodNotAllowed: Response

        init(_ endpoints: [(number: Int, endpoint: Endpoint)], text: StaticString) {
            self.text = text
            self.endpoints = endpoints
            segments = Segment.split("\(text)")
            isForAdministrators = endpoints.allSatisfy { $0.endpoint.audience == .administrators }
            let fields = Router.allow(endpoints.map(\.endpoint))
            var options = Response(noContentWith: fields, route: "\(text)")
            options.routeNumber = endpoints.first?.number
            var methodNotAllowed = Response(
                status: .methodNotAllowed,
                detail: "Method Not Allowed",
                fields: fields,
                route: "\(text)"
            )
            methodNotAllowed.routeNumber = endpoints.first?.number
            (self.options, self.methodNotAllowed) = (options, methodNotAllowed)
        }

        func endpoint(for method: HTTPRequest.Method) -> (number: Int, endpoint: Endpoint)? {
            endpoints.first { $0.endpoint.method == method }
        }
    }

    /// A part of a path between slashes.
    private enum Segment: Sendable {
        case fixed(String)
        case parameter(String)

        static func split(_ path: String) -> [Segment] {
            path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map { part in
                part.hasPrefix("{") ? .parameter(String(part.dropFirst().dropLast())) : .fixed(String(part))
            }
        }
    }

    private let paths: [Path]
    private let mostSegments: Int
    private let serverOptions: Response
    private let notFound = Response(status: .notFound, detail: "Not Found")
    private let tunnelRefused: Response

    init(_ endpoints: [Endpoint]) {
        var paths: [Path] = []
        let numbered = endpoints.enumerated().map { (number: $0.offset, endpoint: $0.element) }
        for (_, endpoint) in numbered where !paths.contains(where: { "\($0.text)" == "\(endpoint.path)" }) {
            let same = numbered.filter { "\($0.endpoint.path)" == "\(endpoint.path)" }
            paths.append(Path(same, text: endpoint.path))
        }
        self.paths = paths
        mostSegments = paths.map(\.segments.count).max() ?? 0
        takesContent = endpoints.contains { $0.takesContent }
        let allowed = Self.allow(endpoints)
        serverOptions = Response(noContentWith: allowed)
        tunnelRefused = Response(status: .methodNotAllowed, detail: "Method Not Allowed", fields: allowed)
    }

    /// Whether any endpoint reads the content of its requests.
    let takesContent: Bool

    func route(_ request: Request) -> Match {
        if request.head.isForServer { return .answered(serverOptions) }
        if request.method == .connect { return .answered(tunnelRefused) }
        var values: [String: String] = [:]
        guard let path = path(of: request.head, &values),
            !path.isForAdministrators || request.listener == Self.administrators
        else { return .answered(notFound) }
        let method: HTTPRequest.Method = request.method == .head ? .get : request.method
        if let (number, endpoint) = path.endpoint(for: method) { return .found(endpoint, number: number, path: values) }
        return .answered(method == .options ? path.options : path.methodNotAllowed)
    }

    /// The endpoint that a request will be for, whatever its listener.
    func endpoint(for head: RequestHead) -> Endpoint? {
        if head.isForServer || head.method == .connect { return nil }
        var values: [String: String] = [:]
        return path(of: head, &values)?.endpoint(for: head.method == .head ? .get : head.method)?.endpoint
    }

    private func path(of head: RequestHead, _ values: inout [String: String]) -> Path? {
        // What was sent as it was declared is found without making a text of it.
        paths.first { head.pathEquals($0.text) } ?? match(head.path, &values)
    }

    /// Finds a path by its segments, each decoded by itself: an encoded slash is no separator (RFC 3986 section 2.2).
    private func match(_ text: String, _ values: inout [String: String]) -> Path? {
        // Once there are more parts than any path has, the rest does not matter.
        let parts = text.utf8.dropFirst().split(
            separator: UInt8(ascii: "/"),
            maxSplits: mostSegments,
            omittingEmptySubsequences: false
        )
        let path = paths.first { path in
            path.segments.count == parts.count
                && zip(path.segments, parts).allSatisfy { segment, part in
                    switch segment {
                    case .fixed(let text): PercentEncoding.stands(part, for: text)
                    case .parameter: !part.isEmpty
                    }
                }
        }
        guard let path else { return nil }
        for case (.parameter(let name), let part) in zip(path.segments, parts) {
            values[name] = String(Substring(part))
        }
        return path
    }

    private static func allow(_ endpoints: [Endpoint]) -> HTTPFields {
        var methods = Set(endpoints.map(\.method.rawValue))
        if methods.contains("GET") { methods.insert("HEAD") }
        methods.insert("OPTIONS")
        return [.allow: methods.sorted().joined(separator: ", ")]
    }
}
