import HTTPEndpointsTesting
import HTTPTypes
import Synchronization

@testable import Greeting
@testable import HTTPEndpoints
@testable import HTTPServer

/// A clock whose sleepers sleep until they are cancelled, or until the test says that some time has passed.
final class HeldClock: RequestClock {
    private struct Sleeper {
        var duration: Duration
        var wake: AsyncStream<Void>.Continuation
    }

    private let sleepers = Mutex<[Sleeper]>([])

    /// How long those who sleep, or slept, asked for.
    var asked: [Duration] { sleepers.withLock { $0.map(\.duration) } }

    func sleep(for duration: Duration) async throws {
        let (stream, wake) = AsyncStream.makeStream(of: Void.self)
        sleepers.withLock { $0.append(Sleeper(duration: duration, wake: wake)) }
        // Ends when the task is cancelled.
        for await _ in stream { return }
        try Task.checkCancellation()
    }

    /// Wakes those who asked for no more than this.
    func pass(_ duration: Duration) {
        for sleeper in sleepers.withLock({ $0 }) where sleeper.duration <= duration { sleeper.wake.yield() }
    }
}

/// What the document says of the service that is tested.
enum Hello {
    static let description = APIDescription(title: "hello", version: "1", summary: "A greeting service.")
}

/// The greeting's endpoints and those that every service has, as the daemon joins them.
final class GreetingService: Responder {
    struct Settings: Sendable {
        var delay = Duration.seconds(1)
        var maximumDelay = Duration.seconds(10)
        var upstreams: [Upstream] = []
        var aggregation = AggregationSettings()
    }

    private let aggregator: Aggregator?
    private let service: EndpointService

    init(settings: Settings, aggregator: Aggregator? = nil, metrics: @escaping @Sendable () -> String = { "" }) {
        self.aggregator = aggregator
        aggregator?.update(settings.aggregation)
        service = EndpointService(
            Self.own(settings, aggregator),
            parts: .init(description: Hello.description, metrics: metrics)
        )
    }

    var routes: [String] { service.routes }

    /// Every endpoint, those that every service has included.
    static var endpoints: [Endpoint] {
        own(Settings(), nil)
            + standardEndpoints(.init(description: Hello.description)) { _ in DocumentationPage.noDocument }
    }

    func update(_ settings: Settings) {
        service.update(Self.own(settings, aggregator))
        aggregator?.update(settings.aggregation)
    }

    func reply(to request: Request) -> Reply { service.reply(to: request) }
    func isAlwaysAnswered(_ head: RequestHead) -> Bool { service.isAlwaysAnswered(head) }
    func mayRepeat(_ head: RequestHead) -> Bool { service.mayRepeat(head) }
    func takesContent(_ head: RequestHead) -> Bool { service.takesContent(head) }

    private static func own(_ settings: Settings, _ aggregator: Aggregator?) -> [Endpoint] {
        var greeting = GreetingSettings()
        (greeting.delay, greeting.maximumDelay) = (settings.delay, settings.maximumDelay)
        return greetingEndpoints(greeting)
            + [Aggregator.endpoint(aggregator, settings.upstreams, settings.aggregation)]
    }
}

/// A request as the server would give it.
func request(
    _ line: String,
    fields: String = "",
    clock: any RequestClock = InstantClock(),
    listener: String = "http",
    content: String = ""
) throws -> Request {
    let head = try RequestHead(parsing: Array("\(line) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n".utf8))
    return Request(
        head: head,
        id: .caller("mine"),
        listener: listener,
        clock: clock,
        isDraining: false,
        content: Array(content.utf8)
    )
}

extension Response {
    var text: String { String(decoding: body, as: UTF8.self) }
}
