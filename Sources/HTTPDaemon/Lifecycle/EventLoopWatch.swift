import HTTPServer
import Logging
import Synchronization
import Systemd

/// Which event loops have turned since the watchdog was last fed. Pure.
struct LoopTurns: Sendable {
    private(set) var outstanding: Set<Int> = []
    private(set) var misses = 0

    /// What a tick of the watchdog asks for.
    enum Action: Equatable {
        /// Every loop has turned: tell the manager, and ask every loop again.
        case feed
        /// These have not. The manager is told nothing.
        case wait(stuck: [Int])
    }

    /// Decides at a tick.
    mutating func tick(loops: Int) -> Action {
        guard outstanding.isEmpty else {
            misses += 1
            return .wait(stuck: outstanding.sorted())
        }
        misses = 0
        outstanding = Set(0..<loops)
        return .feed
    }

    /// A loop has turned.
    mutating func turned(_ loop: Int) { outstanding.remove(loop) }
}

/// Feeds the manager's watchdog as long as every event loop turns (sd_watchdog_enabled(3)).
///
/// A loop that is stuck is thus not hidden by others that are not. The asking waits in each loop's own queue, so a
/// machine short of CPU only answers later: it has the whole timeout for it, of which a tick is a quarter.
final class EventLoopWatch: Sendable {
    private let eventLoops: [EpollLoop]
    private let manager: ManagerLink
    private let journal: Journal
    private let turns = Mutex(LoopTurns())

    init(eventLoops: [EpollLoop], manager: ManagerLink, journal: Journal) {
        self.eventLoops = eventLoops
        self.manager = manager
        self.journal = journal
    }

    func tick() {
        switch turns.withLock({ $0.tick(loops: eventLoops.count) }) {
        case .feed:
            manager.notify(.watchdog)
            for (index, eventLoop) in eventLoops.enumerated() {
                eventLoop.execute { self.turns.withLock { $0.turned(index) } }
            }
        case .wait(let stuck):
            // The first miss may be a long turn; from the second on it is worth an entry.
            guard turns.withLock({ $0.misses }) == 2 else { return }
            let names = stuck.map(String.init).joined(separator: ", ")
            journal.log(.eventLoopStuck, .error, "Event loop \(names) has not turned; the watchdog is not fed")
        }
    }
}
