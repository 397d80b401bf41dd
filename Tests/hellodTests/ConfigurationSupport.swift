import Greeting
import Upstreams

@testable import HTTPDaemon
@testable import ServiceSettings
@testable import hellod

typealias HelloConfiguration = ServiceConfiguration<HelloSettings>

/// Every setting that hello has.
let schema = HelloConfiguration.schema(Hello.identity)

extension Setting<HelloConfiguration> {
    /// The default, as text.
    var defaultText: String { text(HelloConfiguration()) }
    /// The environment variable that sets it.
    var environmentVariable: String { schema.variable(of: self) }
}

extension ServiceConfiguration where Own == HelloSettings {
    var greeting: GreetingSettings {
        get { own.greeting }
        set { own.greeting = newValue }
    }
    var aggregate: AggregateSettings {
        get { own.aggregate }
        set { own.aggregate = newValue }
    }
    var listen: [ListenAddress] {
        get { daemon.listen }
        set { daemon.listen = newValue }
    }
    var adminListen: [ListenAddress] {
        get { daemon.adminListen }
        set { daemon.adminListen = newValue }
    }
    var eventLoops: Int {
        get { daemon.eventLoops }
        set { daemon.eventLoops = newValue }
    }
    var limits: DaemonConfiguration.Limits {
        get { daemon.limits }
        set { daemon.limits = newValue }
    }
    var timeouts: DaemonConfiguration.Timeouts {
        get { daemon.timeouts }
        set { daemon.timeouts = newValue }
    }
    var proxies: DaemonConfiguration.Proxies { daemon.proxies }
    var lameDuck: Duration { daemon.lameDuck }
    var drainTimeout: Duration {
        get { daemon.drainTimeout }
        set { daemon.drainTimeout = newValue }
    }
    var idleExit: Duration {
        get { daemon.idleExit }
        set { daemon.idleExit = newValue }
    }
    var log: DaemonConfiguration.Log {
        get { daemon.log }
        set { daemon.log = newValue }
    }
}

/// Loads a file's text, an environment and a command line as the daemon would.
func load(
    yaml: String? = nil,
    environment: [String: String] = [:],
    _ commandLine: CommandLineSetting...
) throws(ConfigurationError) -> LoadedConfiguration<HelloConfiguration> {
    let file = yaml.map { ConfigurationFile.text($0, name: "hello.yaml") } ?? .none
    return try ConfigurationSources(file: file, environment: environment, commandLine: commandLine).load(schema)
}

/// The problems of a configuration as lines; none if it is good.
func problems(
    yaml: String? = nil,
    environment: [String: String] = [:],
    _ commandLine: [CommandLineSetting] = []
) -> [String] {
    let file = yaml.map { ConfigurationFile.text($0, name: "hello.yaml") } ?? .none
    do {
        _ = try ConfigurationSources(file: file, environment: environment, commandLine: commandLine).load(schema)
        return []
    } catch {
        return error.problems.map(\.description)
    }
}

extension CommandLineSetting {
    /// An option with its texts, as the command line gives it.
    static func option(_ option: String, _ key: String, _ texts: String...) -> CommandLineSetting {
        CommandLineSetting(option: option, key: key, texts: texts)
    }
}
