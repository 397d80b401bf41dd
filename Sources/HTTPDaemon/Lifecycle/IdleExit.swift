import HTTPServer
import JournalLogging
import Logging
import Synchronization

/// Stops a socket-activated daemon that nobody has used for a while. The stop is the ordinary one, which loses no
/// connection: one that comes meanwhile is answered, or waits in the queue and starts the daemon anew. Nothing is handed
/// over, since no next process follows for certain, and the manager empties the store of a service that has ended.
final class IdleExit: Sendable {
    private let daemon: RunningDaemon
    private let idleSince = Mutex<(accepted: Int, since: ContinuousClock.Instant)?>(nil)
    private let looking = Mutex<(interval: Duration, ticking: EpollLoop.Ticking)?>(nil)

    init(daemon: RunningDaemon) {
        self.daemon = daemon
    }

    /// How often to look, so that the exit is not late by much; nil where there is nothing to look for.
    static func interval(_ limit: Duration) -> Duration? {
        limit == .zero ? nil : min(max(limit / 4, .milliseconds(5)), .milliseconds(250))
    }

    /// How often it looks now.
    var interval: Duration? { looking.withLock { $0?.interval } }

    /// Looks as often as the configuration asks for, and not at all where `idle_exit` is off.
    func follow() { look(every: Self.interval(daemon.configuration.idleExit)) }

    /// Looks no more.
    func end() { look(every: nil) }

    private func look(every interval: Duration?) {
        looking.withLock { looking in
            guard looking?.interval != interval else { return }
            looking?.ticking.cancel()
            looking = interval.map { interval in
                (interval, daemon.housekeeping.tick(every: interval) { self.tick(at: .now) })
            }
        }
    }

    func tick(at now: ContinuousClock.Instant) {
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
            return now - known.since >= limit
        }
        guard isDue, !daemon.server.isDraining else { return }
        daemon.journal.log(.idleExit, .notice, "No connection for \(limit); exiting until the next one")
        daemon.asked(.idleExit)
    }
}
