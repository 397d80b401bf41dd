public import HTTPEndpoints
public import ServiceSettings

/// A daemon of one's own: a name, and endpoints. The rest follows: sockets of systemd's, readiness, watchdog, reload, a
/// restart that nobody notices, the journal, configuration, metrics, documents, and the program's commands.
///
///     @main
///     struct Greeter: Daemon {
///         static let identity = Identity(name: "greeter")
///
///         func endpoints(_ settings: NoSettings) -> [Endpoint] {
///             [
///                 Endpoint(.get, "/") { _ in
///                     try await Task.sleep(for: .seconds(1))
///                     return ["Hello": "World"]
///                 }
///             ]
///         }
///     }
public protocol Daemon: Sendable {
    /// Settings of its own.
    associatedtype Settings: SettingsGroup = NoSettings

    /// Who it is.
    static var identity: Identity { get }

    /// Creates one whose endpoints are listed or tested, and that is not run.
    init()

    /// Creates the one that is run, when its configuration is known to be valid and nothing is served yet.
    ///
    /// - Throws: What keeps it from starting: it is told, and the program exits with 71.
    init(_ context: DaemonContext<Settings>) throws

    /// Its endpoints. Asked again whenever a reload has changed the settings: paths and methods stay the same.
    func endpoints(_ settings: Settings) -> [Endpoint]

    /// What runs beside the endpoints. Started before the daemon is ready, told to end when the last request is answered,
    /// the last one first. One that fails ends the daemon.
    var background: [any BackgroundWork] { get }

    /// Whether to send requests, for `/readyz`. It is asked with each such request, and must not wait.
    var isReady: Bool { get }

    /// What it takes beside what every daemon does, as the settings say.
    static func needs(_ settings: Settings) -> DaemonNeeds

    /// Nothing is in work any more; the last chance to write a log entry.
    func stopped()
}

extension Daemon {
    /// The same as one that is not run.
    public init(_ context: DaemonContext<Settings>) throws { self.init() }

    /// None.
    public var background: [any BackgroundWork] { [] }

    /// Always.
    public var isReady: Bool { true }

    /// Nothing.
    public static func needs(_ settings: Settings) -> DaemonNeeds { DaemonNeeds() }

    /// Says nothing.
    public func stopped() {}

    /// Runs the program: the command that its arguments name.
    public static func main() { DaemonProgram<Self>.main() }
}

/// What a daemon takes beside what every daemon does.
public struct DaemonNeeds: Sendable {
    /// Descriptors that its handlers and services have open at most. They are kept back from clients, half of what there
    /// is at most: ``DaemonContext/descriptors`` says how many it has.
    public var descriptors: Int
    /// Threads that it starts; a start is refused where they cannot be had.
    public var threads: Int

    /// Says what it takes.
    public init(descriptors: Int = 0, threads: Int = 0) {
        self.descriptors = descriptors
        self.threads = threads
    }
}
