import NIOCore

extension Duration {
    /// Whole nanoseconds; what does not fit saturates.
    var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? (seconds < 0 ? .min : .max) : product &+ attoseconds / 1_000_000_000
    }

    /// Seconds with three decimals.
    var secondsText: String {
        let milliseconds = wholeNanoseconds / 1_000_000
        let fraction = String(milliseconds % 1000)
        return "\(milliseconds / 1000)." + String(repeating: "0", count: max(0, 3 - fraction.count)) + fraction
    }

    /// Milliseconds with two decimals.
    var millisecondsText: String {
        let hundredths = wholeNanoseconds / 10_000
        let fraction = hundredths % 100
        return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction) ms"
    }
}

/// The monotonic clock (`CLOCK_MONOTONIC`) in nanoseconds, the same that the journal and systemd count in.
func monotonicNow() -> UInt64 { NIODeadline.now().uptimeNanoseconds }
