import JournalLogging
import Logging
import Synchronization
import Systemd

/// What the daemon tells its service manager. A notification that fails does not stop the daemon: it is logged, once
/// for each time that it begins to fail.
///
/// Each call may hold its thread up to a bound while the manager does not read; so none comes from an event loop that
/// serves clients.
final class ManagerLink: Sendable {
    private let manager = ServiceManager()
    private let journal: Journal
    private let spares: SpareDescriptors
    private let isFailing = Mutex(false)

    init(journal: Journal, spares: SpareDescriptors) {
        self.journal = journal
        self.spares = spares
    }

    func notify(_ first: ServiceManager.Notification, _ second: ServiceManager.Notification? = nil) {
        attempt { () throws(NotificationError) in
            if let second { try manager.notify(first, second) } else { try manager.notify(first) }
        }
    }

    /// Waits until the manager has read all that was sent, so that none of it is lost with this process.
    func barrier() {
        attempt { () throws(NotificationError) in try manager.barrier(timeout: .seconds(2)) }
    }

    /// Takes what was stored by this name out of the store.
    func removeStored(_ name: String) {
        attempt { () throws(NotificationError) in try manager.removeStored(name: name) }
    }

    private func attempt(_ send: () throws(NotificationError) -> ServiceManager.Delivery) {
        do throws(NotificationError) {
            _ = try spares.lend(send)
            isFailing.withLock { $0 = false }
        } catch {
            let isNew = isFailing.withLock { failing in
                defer { failing = true }
                return !failing
            }
            if isNew { journal.log(.notifyFailed, .warning, "The service manager could not be notified: \(error)") }
        }
    }
}
