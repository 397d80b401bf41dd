import Glibc

/// A moment on CLOCK_MONOTONIC, which all processes of a machine share: what one wrote down, the next one understands.
///
/// Not the standard library's instant, which has twice its size, and a clock of which only the process itself knows.
package struct MonotonicTime: Sendable, Hashable, Comparable {
    /// Never negative, so that a difference of two always fits.
    private let value: Int64

    /// The moment that lies so far behind the clock's beginning; one that no clock comes to is the last of all.
    package init(nanoseconds: UInt64) {
        value = Int64(clamping: nanoseconds)
    }

    /// Reads the clock.
    package static func now() -> MonotonicTime {
        var time = timespec()
        // Cannot fail: the clock exists on every Linux, and the pointer is good.
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec))
    }

    /// How far it lies behind the clock's beginning: what another process is told.
    package var nanoseconds: UInt64 { UInt64(value) }

    package static func < (left: MonotonicTime, right: MonotonicTime) -> Bool { left.value < right.value }

    /// How long after `start` it is.
    package static func - (end: MonotonicTime, start: MonotonicTime) -> Duration {
        .nanoseconds(end.value - start.value)
    }

    /// The moment so much later, or the last one where there is none so late.
    package static func + (start: MonotonicTime, duration: Duration) -> MonotonicTime {
        let more = Int64(clamping: duration.attoseconds / 1_000_000_000)
        let (sum, isTooLate) = start.value.addingReportingOverflow(more)
        return MonotonicTime(nanoseconds: isTooLate ? .max : UInt64(clamping: sum))
    }

    /// What is left until `end`, as epoll_wait(2) takes it: whole milliseconds, rounded up, and 0 once it is over.
    func pollTimeout(until end: MonotonicTime) -> CInt {
        end <= self ? 0 : CInt(clamping: (end.value - value - 1) / 1_000_000 + 1)
    }
}
