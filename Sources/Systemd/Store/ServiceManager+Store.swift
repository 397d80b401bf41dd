import CSystemd
import Glibc

/// The manager's file-descriptor store (`FileDescriptorStoreMax=` in systemd.service(5)): what is put there outlives this
/// process, and comes back to the next one of the unit through ``InheritedSockets/receive(stored:)``.
///
/// It is kept over a restart and after a crash. A stop drops it, and what was in it is closed.
extension ServiceManager {
    /// Puts a descriptor into the store. This process keeps its own, and may close it once the message is sent.
    ///
    /// Being sent is not being stored: a manager without room, or whose unit allows none, closes what it was given and
    /// tells nobody. ``DescriptorSender`` notices that; for other descriptors, give the unit room enough.
    ///
    /// Each one costs the manager time in proportion to those that it has already. For many, store the receiving end of
    /// a ``DescriptorSender`` instead, and send them through it.
    ///
    /// - Parameters:
    ///   - descriptor: what to store.
    ///   - name: its name, by which it comes back: at most 255 printable ASCII characters but `:`. Not unique.
    ///   - polls: whether the manager removes it when it sees a hang-up or an error on it (`FDPOLL=`, sd_notify(3)).
    /// - Returns: ``Delivery/notSupervised`` if `NOTIFY_SOCKET` is not set.
    /// - Throws: ``NotificationError``.
    @discardableResult
    public func store(
        _ descriptor: CInt,
        name: String,
        polls: Bool = true
    ) throws(NotificationError) -> Delivery {
        let message = "FDSTORE=1\nFDNAME=\(name)\n" + (polls ? "" : "FDPOLL=0\n")
        var descriptor = descriptor
        return try Self.send(waitingUpTo: timeout) { sd_pid_notify_with_fds(0, 0, message, &descriptor, 1) }
    }

    /// Removes all descriptors of a name from the store (`FDSTOREREMOVE=1`); the manager closes its own of them.
    ///
    /// - Returns: ``Delivery/notSupervised`` if `NOTIFY_SOCKET` is not set.
    /// - Throws: ``NotificationError``.
    @discardableResult
    public func removeStored(name: String) throws(NotificationError) -> Delivery {
        try Self.send(waitingUpTo: timeout) { sd_notify(0, "FDSTOREREMOVE=1\nFDNAME=\(name)\n") }
    }
}
