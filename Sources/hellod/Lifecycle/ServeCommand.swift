import ArgumentParser
import Glibc
import HTTPServer
import JournalLogging
import Logging
import NIOCore
import Synchronization
import Systemd

/// `hellod serve`: from the first instruction to the exit status.
enum ServeCommand {
    static func perform(loader: ConfigurationLoader) throws {
        // A client that is gone is an error of its write.
        signal(SIGPIPE, SIG_IGN)
        Signals.block()
        // A store may hold more connections than the usual limit allows.
        DescriptorLimit.raise()
        // Before any thread starts: this takes variables out of the environment.
        let inherited = Result { () throws(ActivationError) in try InheritedListeners.receive() }
        let watchdog = Result { () throws(WatchdogError) in try Watchdog.requested() }
        let stored = (try? inherited.get().stored) ?? StoredConnections()

        let loaded: LoadedConfiguration
        do {
            loaded = try loader.load()
        } catch {
            throw StartFailure(error, stored).report(pipeline: try? LogPipeline(identifier: "hellod"))
        }
        let configuration = loaded.configuration
        let pipeline: LogPipeline
        do {
            pipeline = try LogPipeline(
                format: configuration.log.format,
                identifier: "hellod",
                level: configuration.log.level
            )
        } catch {
            throw StartFailure(error, stored).report(pipeline: nil)
        }
        let journal = Journal(pipeline: pipeline)
        journal.tellIfUnreachable()
        for warning in loaded.warnings { journal.log(.variableIgnored, .warning, warning) }

        do {
            let listeners = try InheritedListeners.choose(try inherited.get(), configuration, journal)
            try serve(loader, configuration, listeners, try watchdog.get(), journal)
        } catch {
            throw StartFailure(error, stored).report(pipeline: pipeline)
        }
    }

    /// Runs the daemon. The main thread becomes the event loop for everything that serves no client. Does not return from
    /// a daemon that has served: the process ends with it, and nothing is taken down that the kernel takes down anyway.
    private static func serve(
        _ loader: ConfigurationLoader,
        _ configuration: DaemonConfiguration,
        _ listeners: ChosenListeners,
        _ watchdog: Watchdog?,
        _ journal: Journal
    ) throws {
        let loops = configuration.eventLoops == 0 ? PermittedCores.count : configuration.eventLoops
        let signals = try Signals()
        // Two for each loop, three for the one that calls upstreams, and what is open for a moment only.
        let spares = try SpareDescriptors(spareCount, others: 2 * (loops + 1) + 3 + 8)
        // One each, and the one that calls upstreams.
        try ThreadCheck.require(loops + 1)
        let eventLoops = try EpollLoop.start(loops)
        let housekeeping = try EpollLoop()
        let manager = ManagerLink(journal: journal, spares: spares)
        let daemon = Daemon(
            loader: loader,
            configuration: configuration,
            journal: journal,
            manager: manager,
            listeners: listeners.listeners.map(\.name),
            housekeeping: housekeeping,
            eventLoops: eventLoops,
            signals: signals,
            spares: spares
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

    private static func run(_ daemon: Daemon, _ listeners: ChosenListeners, _ watchdog: Watchdog?) async throws {
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
        let outcome = ReloadOutcomeFile(environment: daemon.loader.environment)
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
        try await ServingService(daemon: daemon, listeners: listeners).run()
    }
}

extension Daemon {
    /// The line for `STATUS=`.
    var statusText: String { status.text(server.counts) }
}
