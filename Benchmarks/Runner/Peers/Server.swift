import BenchmarkResults

/// How a server is to run.
struct ServerSettings: Sendable {
    var port: Int
    /// How long `GET /` waits.
    var delayMilliseconds = 0
    /// Where it runs.
    var cores: [Int]
    var eventLoops = 1
}

/// A server that is ready to be started, or the reason why it is not.
struct Server: Sendable {
    var name: String
    var version: String
    /// The command without the settings, for the report.
    var command: String
    /// Whether it can wait before it answers.
    var canWait = true
    var failure: String?
    var directory: String
    var arguments: @Sendable (ServerSettings) -> [String]
    var environment: @Sendable (ServerSettings) -> [String: String]

    var description: BenchmarkRun.Server {
        BenchmarkRun.Server(name: name, version: version, command: command, failure: failure)
    }
}
