/// How the process is to end, as far as it has been told, and what the next thing that it is told changes. Pure.
struct StopIntent: Equatable, Sendable {
    /// What the process is at.
    enum Kind: Sendable { case serving, handingOver, stopping }

    /// What it can be asked.
    enum Request: CaseIterable, Sendable {
        /// SIGTERM or SIGINT, from whomever.
        case stop
        /// SIGUSR2: `RestartKillSignal=` of a unit that has a restart job (systemd.kill(5)).
        case handOver
        /// SIGHUP.
        case reload
        /// Nobody has used the daemon for a while.
        case idleExit
        /// No connection can come any more.
        case listenersFailed
        /// Something that runs beside the endpoints has ended.
        case serviceFailed
    }

    /// What is to be done about it.
    enum Action: Equatable, Sendable {
        case nothing, reload, stop, handOver
        /// Connections that were handed over are to be ended here after all: nobody will come for them.
        case takeBack
    }

    private(set) var kind = Kind.serving
    /// Whether the stop is because the process can be of no more use.
    private(set) var hasFailed = false

    /// Whether others are to notice before a listener closes: where somebody asked for the stop. One for idleness or for want
    /// of listeners takes nothing from anybody.
    private(set) var isAnnounced = false

    mutating func asked(_ request: Request) -> Action {
        switch (kind, request) {
        case (.serving, .reload):
            return .reload
        case (.serving, .handOver):
            kind = .handingOver
            return .handOver
        case (.serving, _):
            kind = .stopping
            hasFailed = request == .listenersFailed || request == .serviceFailed
            isAnnounced = request == .stop
            return .stop
        case (.handingOver, .stop):
            kind = .stopping
            return .takeBack
        // A configuration is of no use to a process that ends, and a stop is not undone.
        case (.handingOver, _), (.stopping, _):
            return .nothing
        }
    }
}
