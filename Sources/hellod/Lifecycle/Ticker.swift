import NIOCore
import ServiceLifecycle

/// Something that is done at regular times until the daemon has stopped.
///
/// It ticks on the housekeeping event loop rather than with `Task.sleep`, whose timer would cost threads of its own.
struct Ticker: Service {
    let eventLoop: any EventLoop
    let interval: Duration
    let tick: @Sendable () -> Void

    func run() async throws {
        let task = eventLoop.scheduleRepeatedTask(initialDelay: TimeAmount(interval), delay: TimeAmount(interval)) {
            _ in
            tick()
        }
        try await gracefulShutdown()
        task.cancel()
    }
}
