public import HTTPServer
import HTTPTypes
import Synchronization

/// The greeting service: its routes, and what configuration can change about them.
public final class GreetingService: Responder {
    /// What configuration can change.
    public struct Settings: Sendable, Equatable {
        /// How long `GET /` waits before it answers.
        public var delay: Duration

        /// Creates settings.
        public init(delay: Duration = .seconds(1)) {
            self.delay = delay
        }
    }

    private let settings: Mutex<Settings>
    private let router: Router

    /// Creates the service.
    public init(settings: Settings) {
        self.settings = Mutex(settings)
        router = Router(Self.routes)
    }

    /// Changes the settings for requests that begin from now on.
    public func update(_ settings: Settings) { self.settings.withLock { $0 = settings } }

    /// Answers one request. See ``HTTPServer/Responder``.
    public func respond(to request: Request) async throws -> Response {
        switch router.route(request) {
        case .found(let route): try await route.respond(request, settings.withLock { $0 })
        case .answered(let response): response
        }
    }

    // MARK: Routes

    private static let routes = [
        Route(method: .get, path: "/") { request, settings in
            try await request.clock.sleep(for: settings.delay)
            return greeting
        },
        Route(method: .get, path: "/healthz") { _, _ in alive },
        Route(method: .get, path: "/readyz") { request, _ in request.isDraining ? draining : ready },
    ]

    private static let greeting = json(.ok, #"{"Hello":"World"}"#, route: "/")
    private static let alive = json(.ok, #"{"status":"alive"}"#, route: "/healthz")
    private static let ready = json(.ok, #"{"status":"ready"}"#, route: "/readyz")
    private static let draining = json(.serviceUnavailable, #"{"status":"draining"}"#, route: "/readyz")

    private static func json(_ status: HTTPResponse.Status, _ text: String, route: String) -> Response {
        Response(status: status, contentType: "application/json", body: Array(text.utf8), route: route)
    }
}
