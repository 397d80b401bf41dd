import CSystemd
import Glibc

extension ServiceManager {
    /// Waits until the manager has processed all notifications that were sent before (`BARRIER=1`).
    ///
    /// A process that exits right after a notification, and was not started by the manager itself, needs this for the
    /// message to be attributed to its unit.
    ///
    /// This is what sd_notify_barrier(3) does, in two steps: there the send may block without bound, a signal ends the
    /// wait, and other threads could not send meanwhile.
    ///
    /// - Parameter timeout: for all of it, waiting for room in the queue included.
    /// - Returns: ``Delivery/notSupervised`` if `NOTIFY_SOCKET` is not set.
    /// - Throws: ``NotificationError/barrierTimedOut(after:)`` if the manager did not get to it in time,
    ///   ``NotificationError/managerNotReceiving(after:)`` if its queue stayed full, or another.
    @discardableResult
    public func barrier(timeout: Duration) throws(NotificationError) -> Delivery {
        let deadline = Deadline(after: timeout)
        var ends: [CInt] = [-1, -1]
        guard pipe2(&ends, O_CLOEXEC) == 0 else { throw .systemCall("pipe2", errno: errno) }
        let ours = OwnedDescriptor(ends[0])
        let theirs = OwnedDescriptor(ends[1])

        var number = theirs.number
        let delivery = try Self.send(waitingUpTo: timeout) {
            sd_pid_notify_with_fds(0, 0, "BARRIER=1", &number, 1)
        }
        // Ours goes, so that the manager's is the last: when it closes that, the pipe hangs up.
        Self.drop(theirs)
        guard delivery == .sent else { return delivery }

        guard try Descriptor.wait(for: 0, on: ours.number, until: deadline) != 0 else {
            throw .barrierTimedOut(after: timeout)
        }
        return delivery
    }

    private static func drop(_: consuming OwnedDescriptor) {}
}
