import HTTPServer
import JournalLogging
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// Stops a socket-activated daemon that nobody has used for a while. The stop is the ordinary one, which loses no
/// connection: one that comes meanwhile is answered, or waits in the queue and starts the daemon anew.
final class IdleExit: Sendable {
    private let daemon: Daemon
    private let stop: @Sendable () -> Void
    private let idleSince = Mutex<(accepted: Int, since: NIODeadline)?>(nil)

    init(daemon: Daemon, stop: @escaping @Sendable () -> Void) {
        self.daemon = daemon
        self.stop = stop
    }

    func tick(at now: NIODeadline = .now()) {
        let limit = daemon.configuration.idleExit
        let counts = daemon.server.counts
        guard limit > .zero, counts.connections == 0, counts.inFlight == 0 else {
            idleSince.withLock { $0 = nil }
            return
        }
        let isDue = idleSince.withLock { idle in
            // A connection that came and went between two ticks counts as use.
            guard let known = idle, known.accepted == counts.accepted else {
                idle = (counts.accepted, now)
                return false
            }
            return now - known.since >= TimeAmount(limit)
        }
        guard isDue, !daemon.server.isDraining else { return }
        daemon.journal.log(.idleExit, .notice, "No connection for \(limit); exiting until the next one")
        stop()
    }
}
