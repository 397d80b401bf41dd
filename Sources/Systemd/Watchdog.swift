import CSystemd
import Glibc

/// The supervision that the service manager asked for with `WatchdogSec=` (sd_watchdog_enabled(3)).
///
/// The manager acts on the service (by default it kills and restarts it) when no
/// ``ServiceManager/Notification/watchdog`` came for ``timeout``.
public struct Watchdog: Hashable, Sendable {
    /// How long the manager waits for a ping.
    public let timeout: Duration

    /// How often to ping: half the timeout, as sd_watchdog_enabled(3) recommends, so that one late ping is no harm.
    public var interval: Duration { timeout / 2 }

    /// What the manager asks of this process, or `nil` if nothing.
    ///
    /// `WATCHDOG_USEC` counts only if `WATCHDOG_PID` is this process or not set. The variables stay in the environment,
    /// so this may be asked again, from any thread; a child is not misled, as systemd sets both.
    ///
    /// - Throws: ``WatchdogError`` if libsystemd cannot read the variables.
    public static func requested() throws(WatchdogError) -> Watchdog? {
        var microseconds: UInt64 = 0
        let result = sd_watchdog_enabled(0, &microseconds)
        guard result >= 0 else {
            throw WatchdogError(
                microseconds: Environment.value("WATCHDOG_USEC") ?? "",
                pid: Environment.value("WATCHDOG_PID"),
                errorNumber: -result
            )
        }
        return result > 0 ? Watchdog(timeout: .microseconds(microseconds)) : nil
    }
}

/// `WATCHDOG_USEC` or `WATCHDOG_PID` holds something that libsystemd cannot read.
public struct WatchdogError: Error, Hashable, Sendable {
    /// `WATCHDOG_USEC`, as found; ``description`` is safe to print.
    public let microseconds: String
    /// `WATCHDOG_PID`, as found.
    public let pid: String?
    /// What libsystemd says: mostly `EINVAL` or `ERANGE`.
    public let errorNumber: CInt
}

extension WatchdogError: CustomStringConvertible {
    /// One line: what was found, and what to do.
    public var description: String {
        let pid = self.pid.map { " with WATCHDOG_PID=\(Text.quoted($0))" } ?? ""
        return "WATCHDOG_USEC=\(Text.quoted(microseconds))\(pid) is not a watchdog timeout in microseconds for a "
            + "process: \(Text.error(errorNumber)); let the service manager set it (WatchdogSec=), or unset both"
    }
}
