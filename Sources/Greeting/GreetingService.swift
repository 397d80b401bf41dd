public import HTTPServer
import Synchronization

/// The greeting service: its endpoints, and what configuration can change about them.
public final class GreetingService: Responder {
    /// What configuration can change.
    public struct Settings: Sendable, Equatable {
        /// How long `GET /` waits before it answers, and a greeting by name that asks for no delay.
        public var delay: Duration
        /// The longest delay that a client can ask for.
        public var maximumDelay: Duration
        /// What `/aggregate` calls.
        public var upstreams: [Upstream]
        /// How `/aggregate` calls it.
        public var aggregation: AggregationSettings

        /// Creates settings.
        public init(
            delay: Duration = .seconds(1),
            maximumDelay: Duration = .seconds(10),
            upstreams: [Upstream] = [],
            aggregation: AggregationSettings = AggregationSettings()
        ) {
            self.delay = delay
            self.maximumDelay = maximumDelay
            self.upstreams = upstreams
            self.aggregation = aggregation
        }
    }

    /// What the service is given to work with.
    public struct Parts: Sendable {
        /// The version that the document tells.
        public var version: String
        /// The content of `/metrics`.
        public var metrics: @Sendable () -> String
        /// Calls upstreams; without it there are none.
        public var aggregator: Aggregator?

        /// Creates parts.
        public init(
            version: String = "0",
            aggregator: Aggregator? = nil,
            metrics: @escaping @Sendable () -> String = { "" }
        ) {
            self.version = version
            self.aggregator = aggregator
            self.metrics = metrics
        }
    }

    /// What follows from the settings, made whenever these change.
    private final class State: Sendable {
        let settings: Settings
        let router: Router
        private let documents: Documents

        init(_ settings: Settings, _ parts: Parts) {
            let documents = Documents(version: parts.version)
            // Weak, since the documents have the endpoints.
            let endpoints = endpoints(settings, parts) { [weak documents] forAdministrators in
                documents?.answer(forAdministrators: forAdministrators) ?? DocumentationPage.noDocument
            }
            self.documents = documents
            documents.describe(endpoints)
            self.settings = settings
            router = Router(endpoints)
        }
    }

    private let parts: Parts
    private let state: Mutex<State>

    /// Creates the service.
    public init(settings: Settings, parts: Parts = Parts()) {
        self.parts = parts
        parts.aggregator?.update(settings.aggregation)
        state = Mutex(State(settings, parts))
    }

    /// The paths of the endpoints, in the order of ``HTTPServer/Response/routeNumber``; the settings do not change it.
    public static let routes: [String] = {
        endpoints(Settings(), Parts()) { _ in DocumentationPage.noDocument }.map { "\($0.path)" }
    }()

    /// Changes the settings for requests that begin from now on.
    public func update(_ settings: Settings) {
        let old = state.withLock { $0 }
        guard settings != old.settings else { return }
        let changed = State(settings, parts)
        state.withLock { $0 = changed }
        parts.aggregator?.update(settings.aggregation)
    }

    /// Answers one request. See ``HTTPServer/Responder``.
    public func reply(to request: Request) -> Reply {
        // Held until the request is answered, or taken on: a reload may put another in its place.
        let state = state.withLock { $0 }
        defer { withExtendedLifetime(state) {} }
        switch state.router.route(request) {
        case .answered(let response):
            return .now(response)
        case .found(let endpoint, let number, let path):
            do {
                switch try endpoint.respond(request, path) {
                case .now(let response):
                    return .now(endpoint.signed(response, number))
                case .after(let delay, let response):
                    return .after(delay, endpoint.signed(response, number))
                case .later(let respond):
                    return .later {
                        do {
                            return endpoint.signed(try await respond(), number)
                        } catch let error as any AnsweredError {
                            return endpoint.signed(error.response, number)
                        }
                    }
                }
            } catch let error as any AnsweredError {
                return .now(endpoint.signed(error.response, number))
            } catch {
                return .later { throw error }
            }
        }
    }

    /// Health and readiness: who asks for them may take what does not answer for dead. See ``HTTPServer/Responder``.
    public func isAlwaysAnswered(_ head: RequestHead) -> Bool {
        head.pathEquals("/healthz") || head.pathEquals("/readyz")
    }

    /// The OpenAPI document as text, with what administrators find.
    public static func openAPIDocument(settings: Settings, version: String) -> String {
        let documents = Documents(version: version)
        documents.describe(endpoints(settings, Parts(version: version)) { _ in DocumentationPage.noDocument })
        return String(decoding: documents.answer(forAdministrators: true).response.body, as: UTF8.self)
    }
}

extension Endpoint {
    /// An answer with the endpoint's name on it.
    fileprivate func signed(_ response: Response, _ number: Int) -> Response {
        var response = response
        response.route = route
        response.routeNumber = number
        return response
    }
}

/// The documents of one set of endpoints, each made when it is first asked for.
private final class Documents: Sendable {
    private struct State {
        var endpoints: [Endpoint] = []
        var answers: [Bool: Answer<OpenAPIDocument>] = [:]
    }

    private let version: String
    private let state = Mutex(State())

    init(version: String) {
        self.version = version
    }

    func describe(_ endpoints: [Endpoint]) { state.withLock { $0.endpoints = endpoints } }

    func answer(forAdministrators: Bool) -> Answer<OpenAPIDocument> {
        state.withLock { state in
            if let answer = state.answers[forAdministrators] { return answer }
            let visible = state.endpoints.filter { forAdministrators || $0.audience == .everyone }
            let answer = Answer(OpenAPIDocument(endpoints: visible, version: version))
            state.answers[forAdministrators] = answer
            return answer
        }
    }
}
