public import HTTPDaemon
public import Logging
public import ServiceLifecycle

/// Runs services of swift-service-lifecycle beside a daemon's endpoints: they are told to shut down gracefully when the last
/// request is answered, the one that was named last first.
public struct ServiceGroupWork: BackgroundWork {
    private let group: ServiceGroup

    /// Groups services.
    ///
    /// - Parameters:
    ///   - services: What is run. One that ends by itself ends the daemon.
    ///   - logger: Where the group tells what it does.
    public init(_ services: [any Service], logger: Logger) {
        group = ServiceGroup(configuration: ServiceGroupConfiguration(services: services, logger: logger))
    }

    /// Runs them. See `BackgroundWork`.
    public func run() async throws { try await group.run() }

    /// Has them shut down. See `BackgroundWork`.
    public func end() async { await group.triggerGracefulShutdown() }
}
