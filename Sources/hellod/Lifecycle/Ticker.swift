import HTTPServer
import ServiceLifecycle

/// Something that is done at regular times until the daemon has stopped.
///
/// It ticks on the housekeeping event loop rather than with `Task.sleep`, whose timer would cost threads of its own.
struct Ticker: Service {
    let eventLoop: EpollLoop
    let interval: Duration
    let tick: @Sendable () -> Void

    func run() async throws {
        let ticking = eventLoop.tick(every: interval, tick)
        try await gracefulShutdown()
        ticking.cancel()
    }
}
