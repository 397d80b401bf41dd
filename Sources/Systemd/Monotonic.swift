import Glibc

/// CLOCK_MONOTONIC, which the service manager compares times with.
enum Monotonic {
    /// Since some moment in the past, in microseconds.
    static func microseconds() -> UInt64 {
        var time = timespec()
        // Cannot fail: the clock exists on every Linux, and the pointer is good.
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1_000
    }
}

/// A moment by which something must be done.
struct Deadline {
    private let end: ContinuousClock.Instant

    init(after timeout: Duration) {
        end = ContinuousClock.now + timeout
    }

    /// What is left, for poll(2): milliseconds rounded up, 0 when the moment has passed.
    var pollTimeout: CInt {
        let left = ContinuousClock.now.duration(to: end).wholeMicroseconds
        return left <= 0 ? 0 : CInt(clamping: (left - 1) / 1_000 + 1)
    }
}

extension Duration {
    /// In microseconds, rounded up, and saturated where they do not fit.
    var wholeMicroseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        // Of the same sign as the seconds; integer division truncates, which already rounds up what is negative.
        let part = attoseconds > 0 ? (attoseconds - 1) / 1_000_000_000_000 + 1 : attoseconds / 1_000_000_000_000
        let (sum, tooMuch) = whole.addingReportingOverflow(part)
        return overflow || tooMuch ? (seconds < 0 ? .min : .max) : sum
    }
}
