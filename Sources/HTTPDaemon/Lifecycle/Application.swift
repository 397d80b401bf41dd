import HTTPEndpoints
import PrometheusMetrics
import ServiceSettings
import Synchronization

/// The author's part of a running daemon, with the type of its settings erased.
protocol Application: Sendable {
    /// Who it is.
    var identity: Identity { get }
    /// What answers requests.
    var endpoints: EndpointService { get }
    /// What runs beside them.
    var background: [any BackgroundWork] { get }
    /// The process's environment as it was at the start.
    var environment: [String: String] { get }
    /// Reads every source of the configuration, and changes nothing.
    func reload() throws(ConfigurationError) -> ReloadedConfiguration
    /// Nothing is in work any more.
    func stopped()
}

/// A configuration that was read anew, and is valid.
struct ReloadedConfiguration: Sendable {
    /// What every daemon can be told.
    var daemon: DaemonConfiguration
    /// What the daemon's own code takes with it.
    var needs: DaemonNeeds
    /// What differs from what is in force.
    var differences: ReloadableDifferences
    /// What deserves a notice, one line each.
    var warnings: [String]
    /// Where each setting comes from, by key.
    var origins: [String: String]
    /// Puts the settings of the daemon's own in force, with so many descriptors for its code.
    var apply: @Sendable (_ descriptors: Int) -> Void
}

/// The application of a daemon.
final class DaemonApplication<D: Daemon>: Application {
    typealias Configuration = ServiceConfiguration<D.Settings>

    let endpoints: EndpointService
    private let daemon: D
    private let loader: ConfigurationLoader<Configuration>
    private let current: Mutex<Configuration>
    private let granted: GrantedDescriptors
    private let journal: Journal

    /// - Parameter descriptors: Descriptors that the daemon's own code may have.
    /// - Throws: What the daemon's own code throws.
    init(
        loader: ConfigurationLoader<Configuration>,
        configuration: Configuration,
        journal: Journal,
        registry: PrometheusRegistry,
        descriptors: Int
    ) throws {
        self.loader = loader
        self.journal = journal
        granted = GrantedDescriptors()
        granted.grant(descriptors)
        let context = DaemonContext(
            settings: configuration.own,
            log: journal.pipeline,
            metrics: registry,
            budget: granted,
            label: D.identity.program
        )
        let daemon = try D(context)
        self.daemon = daemon
        current = Mutex(configuration)
        endpoints = EndpointService(
            daemon.endpoints(configuration.own),
            parts: EndpointService.Parts(
                description: D.identity.api,
                metrics: { registry.text() },
                isReady: { daemon.isReady }
            )
        )
    }

    var identity: Identity { D.identity }
    var background: [any BackgroundWork] { daemon.background }
    var environment: [String: String] { loader.environment }

    func reload() throws(ConfigurationError) -> ReloadedConfiguration {
        let loaded = try loader.load()
        let old = current.withLock { $0 }
        let new = loader.schema.reloaded(old, to: loaded.configuration)
        return ReloadedConfiguration(
            daemon: new.daemon,
            needs: D.needs(new.own),
            differences: loader.schema.differences(old, loaded.configuration),
            warnings: loaded.warnings,
            origins: loaded.origins
        ) { [self] descriptors in
            granted.grant(descriptors)
            current.withLock { $0 = new }
            guard new.own != old.own || D.needs(new.own).descriptors > 0 else { return }
            if !endpoints.update(daemon.endpoints(new.own)) {
                journal.log(
                    .reloadFailed,
                    .error,
                    "The paths of this daemon's endpoints depend on its settings: those of the start stay until a restart"
                )
            }
        }
    }

    func stopped() { daemon.stopped() }
}
