public import HTTPServer
import HTTPTypes
import Synchronization

/// Answers requests by endpoints, and by those that every service has: health, readiness, metrics, and the documents.
public final class EndpointService: Responder {
    /// What the endpoints that every service has are given.
    public struct Parts: Sendable {
        /// What the document says of the API.
        public var description: APIDescription
        /// The content of `/metrics`.
        public var metrics: @Sendable () -> String
        /// Whether to send requests, as far as the service itself knows. A server that is about to stop is never ready.
        public var isReady: @Sendable () -> Bool

        /// Creates parts.
        public init(
            description: APIDescription,
            metrics: @escaping @Sendable () -> String = { "" },
            isReady: @escaping @Sendable () -> Bool = { true }
        ) {
            self.description = description
            self.metrics = metrics
            self.isReady = isReady
        }
    }

    /// What follows from the endpoints, made whenever these change.
    private final class State: Sendable {
        let router: Router
        let endpoints: [Endpoint]
        private let documents: Documents

        init(_ own: [Endpoint], _ parts: Parts) {
            let documents = Documents(parts.description)
            // Weak, since the documents have the endpoints.
            endpoints =
                own
                + standardEndpoints(parts) { [weak documents] forAdministrators in
                    documents?.answer(forAdministrators: forAdministrators) ?? DocumentationPage.noDocument
                }
            self.documents = documents
            let problem = Declaration.problem(endpoints)
            Declaration.require(problem == nil, problem ?? "")
            documents.describe(endpoints)
            router = Router(endpoints)
        }
    }

    private let parts: Parts
    private let state: Mutex<State>

    /// Creates the service.
    ///
    /// - Parameters:
    ///   - endpoints: One's own, in the order of the document.
    ///   - parts: What the others are given.
    public init(_ endpoints: [Endpoint], parts: Parts) {
        self.parts = parts
        state = Mutex(State(endpoints, parts))
    }

    /// The paths of the endpoints, in the order of `Response.routeNumber`.
    public var routes: [String] { state.withLock { $0 }.endpoints.map(\.route) }

    /// Changes the endpoints for requests that begin from now on: what they do, and the bounds of their parameters.
    ///
    /// - Returns: whether they were changed. Metrics count by paths, so that endpoints with others are not taken.
    @discardableResult
    public func update(_ endpoints: [Endpoint]) -> Bool {
        let changed = State(endpoints, parts)
        guard routes == changed.endpoints.map(\.route) else { return false }
        state.withLock { $0 = changed }
        return true
    }

    /// Answers one request. See `Responder`.
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

    /// Health and readiness: who asks for them may take what does not answer for dead. See `Responder`.
    public func isAlwaysAnswered(_ head: RequestHead) -> Bool {
        head.pathEquals("/healthz") || head.pathEquals("/readyz")
    }

    /// What the endpoint says, or its method. See `Responder`.
    public func mayRepeat(_ head: RequestHead) -> Bool {
        let state = state.withLock { $0 }
        return state.router.endpoint(for: head)?.mayRepeat ?? Self.isIdempotent(head.method)
    }

    /// Whether the endpoint reads it. See `Responder`.
    public func takesContent(_ head: RequestHead) -> Bool {
        // Most requests have none, and are not looked at twice.
        if head.method == .get { return false }
        let state = state.withLock { $0 }
        return state.router.takesContent && state.router.endpoint(for: head)?.takesContent == true
    }

    /// The OpenAPI document as text, with what administrators find.
    public static func openAPIDocument(_ endpoints: [Endpoint], _ description: APIDescription) -> String {
        let documents = Documents(description)
        let parts = Parts(description: description)
        documents.describe(endpoints + standardEndpoints(parts) { _ in DocumentationPage.noDocument })
        let response = try? documents.answer(forAdministrators: true).response
        return String(decoding: response?.body ?? [], as: UTF8.self)
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

    private let description: APIDescription
    private let state = Mutex(State())

    init(_ description: APIDescription) {
        self.description = description
    }

    func describe(_ endpoints: [Endpoint]) { state.withLock { $0.endpoints = endpoints } }

    func answer(forAdministrators: Bool) -> Answer<OpenAPIDocument> {
        state.withLock { state in
            if let answer = state.answers[forAdministrators] { return answer }
            let visible = state.endpoints.filter { forAdministrators || $0.audience == .everyone }
            let answer = Answer(OpenAPIDocument(endpoints: visible, description))
            state.answers[forAdministrators] = answer
            return answer
        }
    }
}
