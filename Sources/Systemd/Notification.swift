import Glibc

extension ServiceManager {
    /// One thing that a service tells its manager (sd_notify(3)).
    ///
    /// `EXIT_STATUS=` and `MAINPID=` are not here: the first is for a system manager inside a container or a virtual
    /// machine, the second for a service that forks.
    public struct Notification: Hashable, Sendable {
        /// `KEY=value` lines, each with its newline.
        let text: String

        private init(_ assignments: String...) {
            text = assignments.map { $0 + "\n" }.joined()
        }

        /// `READY=1`: start-up is finished, or a reload is (also one that failed).
        public static let ready = Notification("READY=1")

        /// `STOPPING=1`: the service begins to shut down.
        public static let stopping = Notification("STOPPING=1")

        /// `WATCHDOG=1`: the keep-alive ping that ``Watchdog`` asks for.
        public static let watchdog = Notification("WATCHDOG=1")

        /// `WATCHDOG=trigger`: act as though a ping had not come in time. Needs no `WatchdogSec=`.
        public static let watchdogTrigger = Notification("WATCHDOG=trigger")

        /// `RELOADING=1` with `MONOTONIC_USEC=`, the time at which this property was read: the configuration is being
        /// reloaded. ``ready`` must follow.
        ///
        /// The time tells the manager of a `Type=notify-reload` service that this answers its latest request.
        public static var reloading: Notification {
            reloading(monotonicMicroseconds: Monotonic.microseconds())
        }

        static func reloading(monotonicMicroseconds time: UInt64) -> Notification {
            Notification("RELOADING=1", "MONOTONIC_USEC=\(time)")
        }

        /// `STATUS=`: what the service is at, as `systemctl status` shows it.
        ///
        /// It becomes one line without control characters (each replaced by a space) of at most
        /// ``longestStatus`` bytes in UTF-8, cut between characters.
        public static func status(_ status: String) -> Notification {
            Notification("STATUS=\(line(status))")
        }

        /// The bytes that a status may take: a whole message holds 4096 (``NotificationError/messageTooLong(bytes:)``).
        public static let longestStatus = 1024

        /// `ERRNO=`: the error of a service that fails, as a positive errno value (a negative one is turned round).
        public static func errno(_ number: CInt) -> Notification {
            Notification("ERRNO=\(number.magnitude)")
        }

        /// `EXTEND_TIMEOUT_USEC=`: do not time out the start, the run or the stop for this long from now; another
        /// message must come before that.
        ///
        /// Rounded up to microseconds, and at least one: zero and less would say nothing.
        public static func extendTimeout(_ duration: Duration) -> Notification {
            Notification("EXTEND_TIMEOUT_USEC=\(max(duration.wholeMicroseconds, 1))")
        }

        private static func line(_ text: String) -> String {
            var line = ""
            var bytes = 0
            for character in text {
                // U+2028 and U+2029 break a line on terminals too. A CR LF pair is one character, and one space.
                let isControl = character.unicodeScalars.contains {
                    $0.properties.generalCategory == .control || $0 == "\u{2028}" || $0 == "\u{2029}"
                }
                let shown: Character = isControl ? " " : character
                bytes += shown.utf8.count
                if bytes > longestStatus { break }
                line.append(shown)
            }
            return line
        }
    }
}
