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
    /// The status that the manager has, as far as is known.
    private let status = Mutex<ServiceManager.Notification?>(nil)

    init(journal: Journal, spares: SpareDescriptors) {
        self.journal = journal
        self.spares = spares
    }

    /// Tells the status, if it is another one than the manager has: each message wakes it.
    func notify(status text: String) {
        let status = ServiceManager.Notification.status(text)
        let isNew = self.status.withLock { last in
            defer { last = status }
            return last != status
        }
        // What could not be sent is sent again.
        if isNew, !attempt({ () throws(NotificationError) in try manager.notify(status) }) {
            self.status.withLock { $0 = nil }
        }
    }

    func notify(_ first: ServiceManager.Notification, _ second: ServiceManager.Notification? = nil) {
        let isSent = attempt { () throws(NotificationError) in
            if let second { try manager.notify(first, second) } else { try manager.notify(first) }
        }
        // What comes second is a status.
        if let second { status.withLock { $0 = isSent ? second : nil } }
    }

    /// Waits until the manager has read all that was sent, so that none of it is lost with this process.
    func barrier() {
        attempt { () throws(NotificationError) in try manager.barrier(timeout: .seconds(2)) }
    }

    /// Takes what was stored by this name out of the store.
    func removeStored(_ name: String) {
        attempt { () throws(NotificationError) in try manager.removeStored(name: name) }
    }

    @discardableResult
    private func attempt(_ send: () throws(NotificationError) -> ServiceManager.Delivery) -> Bool {
        do throws(NotificationError) {
            _ = try spares.lend(send)
            isFailing.withLock { $0 = false }
            return true
        } catch {
            let isNew = isFailing.withLock { failing in
                defer { failing = true }
                return !failing
            }
            if isNew { journal.log(.notifyFailed, .warning, "The service manager could not be notified: \(error)") }
            return false
        }
    }
}
