import HTTPServer
import Synchronization

/// Tells the manager the status each second, where it has changed; and as soon as nothing is in work any more, lest a line
/// that says otherwise stands there.
final class StatusTicker: Sendable {
    /// How often it is looked whether the work is done, while the manager believes that there is some.
    private static let look = Duration.milliseconds(100)

    private let daemon: RunningDaemon
    private let looking = Mutex<EpollLoop.Ticking?>(nil)

    init(_ daemon: RunningDaemon) {
        self.daemon = daemon
    }

    func tick() {
        let isAtWork = daemon.server.counts.inFlight > 0
        daemon.manager.notify(status: daemon.statusText)
        looking.withLock { looking in
            if isAtWork, looking == nil {
                looking = daemon.housekeeping.tick(every: Self.look) { self.lookForEnd() }
            } else if !isAtWork {
                looking?.cancel()
                looking = nil
            }
        }
    }

    private func lookForEnd() {
        if daemon.server.counts.inFlight == 0 { tick() }
    }
}
