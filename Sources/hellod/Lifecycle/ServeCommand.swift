import ArgumentParser
import Glibc
import HTTPServer
import JournalLogging
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization
import Systemd
import UnixSignals
import Upstreams

/// `hellod serve`: from the first instruction to the exit status.
enum ServeCommand {
    static func perform(loader: ConfigurationLoader) throws {
        // A client that is gone is an error of its write, and a reload asked for too early is none at all.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGHUP, SIG_IGN)
        // A store may hold more connections than the usual limit allows.
        DescriptorLimit.raise()
        // Before any thread starts: this takes variables out of the environment.
        let inherited = Result { () throws(ActivationError) in try InheritedListeners.receive() }
        let watchdog = Result { () throws(WatchdogError) in try Watchdog.requested() }

        let loaded: LoadedConfiguration
        do {
            loaded = try loader.load()
        } catch {
            throw StartFailure(error).report(pipeline: try? LogPipeline(identifier: "hellod"))
        }
        let configuration = loaded.configuration
        let pipeline = try LogPipeline(
            format: configuration.log.format,
            identifier: "hellod",
            level: configuration.log.level
        )
        let journal = Journal(pipeline: pipeline)
        for warning in loaded.warnings { journal.log(.configurationInvalid, .warning, warning) }

        do {
            let listeners = try InheritedListeners.choose(try inherited.get(), configuration, journal)
            try serve(loader, configuration, listeners, try watchdog.get(), journal)
        } catch {
            throw StartFailure(error).report(pipeline: pipeline)
        }
        pipeline.flush(within: .seconds(1))
    }

    /// Runs the daemon. The main thread becomes the event loop for everything that serves no client.
    private static func serve(
        _ loader: ConfigurationLoader,
        _ configuration: DaemonConfiguration,
        _ listeners: ChosenListeners,
        _ watchdog: Watchdog?,
        _ journal: Journal
    ) throws {
        let loops = configuration.eventLoops == 0 ? System.coreCount : configuration.eventLoops
        let eventLoops = try EpollLoop.start(loops)
        let outcome = Mutex<(any Error)?>(nil)
        withHousekeeping { housekeeping in
            do {
                let manager = ManagerLink(journal: journal)
                let daemon = Daemon(
                    loader: loader,
                    configuration: configuration,
                    journal: journal,
                    manager: manager,
                    hasMetrics: listeners.listeners.contains { $0.name == DaemonMetrics.listener },
                    housekeeping: housekeeping,
                    eventLoops: eventLoops
                )
                try await run(daemon, listeners, watchdog)
                await daemon.upstreams.shutdown()
                journal.pipeline.flush(within: .seconds(1))
                manager.barrier()
            } catch {
                outcome.withLock { $0 = error }
            }
        }
        listeners.removeSocketFiles()
        if let error = outcome.withLock({ $0 }) { throw error }
    }

    private static func run(_ daemon: Daemon, _ listeners: ChosenListeners, _ watchdog: Watchdog?) async throws {
        let stop = Mutex<(@Sendable () -> Void)?>(nil)
        let idleExit = IdleExit(daemon: daemon) { stop.withLock { $0 }?() }
        let eventLoop = daemon.housekeeping
        var services: [any Service] = []
        if let watchdog {
            let watch = EventLoopWatch(eventLoops: daemon.eventLoops, manager: daemon.manager, journal: daemon.journal)
            services.append(Ticker(eventLoop: eventLoop, interval: watchdog.timeout / 4, tick: watch.tick))
        }
        services.append(
            Ticker(eventLoop: eventLoop, interval: .seconds(1)) { daemon.manager.notify(.status(daemon.statusText)) }
        )
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
            services.append(
                Ticker(
                    eventLoop: eventLoop,
                    interval: IdleExit.interval(daemon.configuration.idleExit),
                    tick: idleExit.look
                )
            )
        }
        services.append(
            ReloadService(daemon: daemon, outcome: ReloadOutcomeFile(environment: daemon.loader.environment))
        )
        // The last one is the first to be shut down: the watchdog is fed, and the status told, throughout a drain.
        services.append(ServingService(daemon: daemon, listeners: listeners))

        var configuration = ServiceGroupConfiguration(
            // A name of its own for each would be for a log that is not kept, and the default one prints a service with
            // all that it holds: a tenth of a start.
            services: services.map {
                .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup, serviceName: "hellod")
            },
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: Logger(label: "hellod.services") { _ in SwiftLogNoOpLogHandler() }
        )
        // The drain has its own bound; this one is for what could hang beyond it.
        configuration.maximumGracefulShutdownDuration = daemon.configuration.drainTimeout + .seconds(10)
        let group = ServiceGroup(configuration: configuration)
        stop.withLock { $0 = { Task { await group.triggerGracefulShutdown() } } }
        try await group.run()
    }

    /// Runs `body` as a task on an event loop that the calling thread becomes, and returns when it has ended.
    private static func withHousekeeping(_ body: @escaping @Sendable (any EventLoop) async -> Void) {
        MultiThreadedEventLoopGroup.withCurrentThreadAsEventLoop { eventLoop in
            Task.immediate(executorPreference: HousekeepingExecutor(eventLoop)) {
                await body(eventLoop)
                eventLoop.shutdownGracefully { _ in }
            }
        }
    }
}

extension Daemon {
    /// The line for `STATUS=`.
    var statusText: String { status.text(server.counts) }
}
