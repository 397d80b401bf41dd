import ArgumentParser
import Glibc
import HTTPServer
import JournalLogging
import Logging
import PrometheusMetrics
import ServiceSettings
import Synchronization
import Systemd

/// `serve`: from the first instruction to the exit status.
enum ServeCommand<D: Daemon> {
    typealias Configuration = ServiceConfiguration<D.Settings>

    static func perform(loader: ConfigurationLoader<Configuration>) throws {
        // A client that is gone is an error of its write.
        signal(SIGPIPE, SIG_IGN)
        Signals.block()
        // A store may hold more connections than the usual limit allows.
        DescriptorLimit.raise()
        // Before any thread starts: this takes variables out of the environment.
        let inherited = Result { () throws(ActivationError) in try InheritedListeners.receive() }
        let watchdog = Result { () throws(WatchdogError) in try Watchdog.requested() }
        let stored = (try? inherited.get().stored) ?? StoredConnections()

        let loaded: LoadedConfiguration<Configuration>
        do {
            loaded = try loader.load()
        } catch {
            throw StartFailure(error, stored).report(pipeline: try? LogPipeline(identifier: D.identity.program))
        }
        let configuration = loaded.configuration.daemon
        let pipeline: LogPipeline
        do {
            pipeline = try LogPipeline(
                format: configuration.log.format,
                identifier: D.identity.program,
                level: configuration.log.level
            )
        } catch {
            throw StartFailure(error, stored).report(pipeline: nil)
        }
        let journal = Journal(pipeline: pipeline)
        journal.tellIfUnreachable()
        for warning in loaded.warnings { journal.log(.variableIgnored, .warning, warning) }

        do {
            let listeners = try InheritedListeners.choose(
                try inherited.get(),
                configuration,
                service: D.identity.name,
                journal
            )
            try serve(loader, loaded.configuration, listeners, try watchdog.get(), journal)
        } catch {
            throw StartFailure(error, stored).report(pipeline: pipeline)
        }
    }

    /// Runs the daemon. The main thread becomes the event loop for everything that serves no client. Does not return from
    /// a daemon that has served: the process ends with it, and nothing is taken down that the kernel takes down anyway.
    private static func serve(
        _ loader: ConfigurationLoader<Configuration>,
        _ loaded: Configuration,
        _ listeners: ChosenListeners,
        _ watchdog: Watchdog?,
        _ journal: Journal
    ) throws {
        let (configuration, needs) = (loaded.daemon, D.needs(loaded.own))
        let loops = configuration.eventLoops == 0 ? PermittedCores.count : configuration.eventLoops
        let signals = try Signals()
        // Two for each loop, three for each thread of the daemon's own, and what is open for a moment only.
        let spares = try SpareDescriptors(spareCount, others: 2 * (loops + 1) + 3 * needs.threads + 8)
        try ThreadCheck.require(loops + needs.threads)
        let eventLoops = try EpollLoop.start(loops)
        let housekeeping = try EpollLoop()
        let manager = ManagerLink(journal: journal, spares: spares)
        let budget = DescriptorBudget(
            configuration,
            own: needs.descriptors,
            descriptors: DescriptorLimit.current,
            loops: loops,
            listeners: listeners.listeners.count
        )
        let registry = PrometheusRegistry()
        let application = try DaemonApplication<D>(
            loader: loader,
            configuration: loaded,
            journal: journal,
            registry: registry,
            descriptors: budget.own
        )
        let daemon = RunningDaemon(
            application: application,
            configuration: configuration,
            journal: journal,
            manager: manager,
            registry: registry,
            listeners: listeners.listeners.map(\.name),
            housekeeping: housekeeping,
            eventLoops: eventLoops,
            signals: signals,
            spares: spares,
            connections: budget.connections
        )
        let failure = Mutex<(any Error)?>(nil)
        Task.immediate(executorPreference: housekeeping) {
            do {
                try await run(daemon, listeners, watchdog)
                listeners.removeSocketFiles()
                exit(daemon.hasFailed ? ExitStatus.system.rawValue : 0)
            } catch {
                failure.withLock { $0 = error }
                housekeeping.stop()
            }
        }
        housekeeping.run()
        listeners.removeSocketFiles()
        if let error = failure.withLock({ $0 }) { throw error }
    }

    /// For a hand-over's socket pairs and files, and for what is said to the manager meanwhile; where few may be open at
    /// all, fewer connections are to be handed over.
    private static var spareCount: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 8 }
        return min(2 * ConnectionStore.mostPairs + 8, max(8, Int(clamping: limit.rlim_cur) / 8))
    }

    private static func run(_ daemon: RunningDaemon, _ listeners: ChosenListeners, _ watchdog: Watchdog?) async throws {
        let housekeeping = daemon.housekeeping
        // From the start to the last answer: the watchdog is fed, and the status told, throughout a drain.
        if let watchdog {
            let watch = EventLoopWatch(eventLoops: daemon.eventLoops, manager: daemon.manager, journal: daemon.journal)
            _ = housekeeping.tick(every: watchdog.timeout / 4, watch.tick)
        }
        _ = housekeeping.tick(every: .seconds(1), StatusTicker(daemon).tick)
        if let metrics = daemon.metrics {
            _ = housekeeping.tick(
                every: .seconds(1),
                EventLoopLag(eventLoops: daemon.eventLoops, metrics: metrics).tick
            )
        }
        let memory = Mutex(MemoryReturnDecision())
        _ = housekeeping.tick(every: .seconds(5)) {
            let (open, most) = (daemon.server.counts.connections, daemon.server.takePeakConnections())
            if memory.withLock({ $0.look(connections: open, most: most) }) { MemoryReturn.trim() }
        }
        let idleExit = IdleExit(daemon: daemon)
        if listeners.areInherited {
            daemon.whenApplied { idleExit.follow() }
            idleExit.follow()
        }
        let outcome = ReloadOutcomeFile(environment: daemon.application.environment)
        daemon.perform { action in
            switch action {
            case .nothing: break
            case .reload: daemon.reload(outcome)
            case .stop, .handOver:
                idleExit.end()
                daemon.end.ask()
            case .takeBack: Task.immediate(executorPreference: housekeeping) { await daemon.takeBack() }
            }
        }
        let background = BackgroundRunner(
            daemon.application.background,
            daemon.journal,
            patience: { daemon.configuration.drainTimeout },
            whenFailed: { daemon.asked(.serviceFailed) }
        )
        try await ServingService(daemon: daemon, listeners: listeners, background: background).run()
    }
}

extension RunningDaemon {
    /// The line for `STATUS=`.
    var statusText: String { status.text(server.counts) }
}
