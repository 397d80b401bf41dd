import HTTPServer
import HTTPTypes

/// One method of one path, and what answers it.
struct Route: Sendable {
    let method: HTTPRequest.Method
    let path: StaticString
    let respond: @Sendable (Request, GreetingService.Settings) async throws -> Response
}

/// Finds the route of a request. HEAD goes where GET goes; OPTIONS, 404 and 405 are answered here.
struct Router: Sendable {
    enum Match {
        case found(Route)
        case answered(Response)
    }

    private struct Path: Sendable {
        let path: StaticString
        let routes: [Route]
        /// 204 with `Allow`.
        let options: Response
        /// 405 with `Allow` (RFC 9110 section 15.5.6).
        let methodNotAllowed: Response
    }

    private let paths: [Path]
    private let serverOptions: Response
    private let notFound = Response(status: .notFound, detail: "Not Found")
    private let tunnelRefused: Response

    init(_ routes: [Route]) {
        var paths: [Path] = []
        for route in routes where !paths.contains(where: { "\($0.path)" == "\(route.path)" }) {
            let same = routes.filter { "\($0.path)" == "\(route.path)" }
            paths.append(Self.path(route.path, same))
        }
        self.paths = paths
        let allowed = Self.allow(routes)
        serverOptions = Response(noContentWith: allowed)
        tunnelRefused = Response(status: .methodNotAllowed, detail: "Method Not Allowed", fields: allowed)
    }

    func route(_ request: Request) -> Match {
        if request.head.isForServer { return .answered(serverOptions) }
        if request.method == .connect { return .answered(tunnelRefused) }
        guard let path = paths.first(where: { request.head.pathEquals($0.path) }) else { return .answered(notFound) }
        let method: HTTPRequest.Method = request.method == .head ? .get : request.method
        if let route = path.routes.first(where: { $0.method == method }) { return .found(route) }
        return .answered(method == .options ? path.options : path.methodNotAllowed)
    }

    private static func path(_ path: StaticString, _ routes: [Route]) -> Path {
        let fields = allow(routes)
        return Path(
            path: path,
            routes: routes,
            options: Response(noContentWith: fields, route: "\(path)"),
            methodNotAllowed: Response(
                status: .methodNotAllowed,
                detail: "Method Not Allowed",
                fields: fields,
                route: "\(path)"
            )
        )
    }

    private static func allow(_ routes: [Route]) -> HTTPFields {
        var methods = Set(routes.map(\.method.rawValue))
        if methods.contains("GET") { methods.insert("HEAD") }
        methods.insert("OPTIONS")
        return [.allow: methods.sorted().joined(separator: ", ")]
    }
}
