import Greeting
import HTTPDaemon
import HTTPEndpoints
import ServiceSettings
import Upstreams

/// The greeting service: its name, its settings, and its endpoints. All else is the library's.
@main
struct Hello: Daemon {
    static let identity = Identity(
        name: "hello",
        program: "hellod",
        version: "0.1.0",
        summary: "A greeting service.",
        license: "Apache-2.0",
        title: "Hello greeting",
        manualPage: "hellod(8)"
    )

    private let running: (context: DaemonContext<HelloSettings>, calls: UpstreamCalls)?

    /// One that calls nobody: to list its endpoints, and to test them.
    init() {
        running = nil
    }

    init(_ context: DaemonContext<HelloSettings>) {
        let calls = UpstreamCalls(log: context.log, metrics: context.metrics, prefix: Self.identity.name)
        running = (context, calls)
    }

    /// A thread that calls upstreams, and their connections.
    static func needs(_ settings: HelloSettings) -> DaemonNeeds {
        DaemonNeeds(descriptors: settings.aggregate.descriptors, threads: UpstreamCalls.threads)
    }

    func endpoints(_ settings: HelloSettings) -> [Endpoint] {
        let aggregate = settings.aggregate
        let aggregation =
            running.map { $0.calls.apply(aggregate, descriptors: $0.context.descriptors) }
            ?? aggregate.aggregation(calls: aggregate.maximumCalls)
        return greetingEndpoints(settings.greeting)
            + [Aggregator.endpoint(running?.calls.aggregator, aggregate.upstreams, aggregation)]
    }

    /// What was left out of the log of failed calls is told.
    func stopped() { running?.calls.flush() }
}
