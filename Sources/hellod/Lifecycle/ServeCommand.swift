import ArgumentParser
import Glibc
import HTTPServer
import JournalLogging
import Logging
import NIOCore
import ServiceLifecycle
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
        let pipeline = try LogPipeline(
            format: configuration.log.format,
            identifier: "hellod",
            level: configuration.log.level
        )
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
        let eventLoops = try EpollLoop.start(loops)
        let housekeeping = try EpollLoop()
        try StartedThread.check()
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
                daemon.upstreamLog.flush()
                journal.pipeline.flush(within: .seconds(1))
                // It stays in what `systemctl status` shows of a service that is dead.
                daemon.status.setPhase("Stopped")
                manager.notify(status: daemon.statusText)
                manager.barrier()
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
        let eventLoop = daemon.housekeeping
        var services: [any Service] = []
        if let watchdog {
            let watch = EventLoopWatch(eventLoops: daemon.eventLoops, manager: daemon.manager, journal: daemon.journal)
            services.append(Ticker(eventLoop: eventLoop, interval: watchdog.timeout / 4, tick: watch.tick))
        }
        services.append(Ticker(eventLoop: eventLoop, interval: .seconds(1), tick: StatusTicker(daemon).tick))
        if let metrics = daemon.metrics {
            let lag = EventLoopLag(eventLoops: daemon.eventLoops, metrics: metrics)
            services.append(Ticker(eventLoop: eventLoop, interval: .seconds(1), tick: lag.tick))
        }
        let memory = Mutex(MemoryReturnDecision())
        services.append(
            Ticker(eventLoop: eventLoop, interval: .seconds(5)) {
                let (open, most) = (daemon.server.counts.connections, daemon.server.takePeakConnections())
                if memory.withLock({ $0.look(connections: open, most: most) }) { MemoryReturn.trim() }
            }
        )
        if listeners.areInherited {
            services.append(IdleExitService(daemon: daemon, idleExit: IdleExit(daemon: daemon)))
        }
        // The last one is the first to be shut down: the watchdog is fed, and the status told, throughout a drain.
        services.append(ServingService(daemon: daemon, listeners: listeners))

        let configuration = ServiceGroupConfiguration(
            // A name of its own for each would be for a log that is not kept, and the default one prints a service with
            // all that it holds: a tenth of a start.
            services: services.map {
                .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup, serviceName: "hellod")
            },
            // No signals, which it would take with threads of its own, and no bound on a shutdown: the drain has one,
            // which a reload can change, and the service manager the last word (TimeoutStopSec=).
            logger: Logger(label: "hellod.services") { _ in SwiftLogNoOpLogHandler() }
        )
        let group = ServiceGroup(configuration: configuration)
        let outcome = ReloadOutcomeFile(environment: daemon.loader.environment)
        daemon.perform { action in
            switch action {
            case .nothing: break
            case .reload: daemon.reload(outcome)
            case .stop, .handOver:
                Task.immediate(executorPreference: eventLoop) { await group.triggerGracefulShutdown() }
            case .takeBack:
                Task.immediate(executorPreference: eventLoop) { await daemon.takeBack() }
            }
        }
        try await group.run()
    }
}

extension Daemon {
    /// The line for `STATUS=`.
    var statusText: String { status.text(server.counts) }
}
