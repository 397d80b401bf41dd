import Foundation
import Glibc

/// Facts of the machine that the scenarios run on.
enum HostFacts {
    /// Processors that this process may use.
    static var cores: Int { ProcessInfo.processInfo.activeProcessorCount }

    /// The clock of the load client and of the journal's monotonic time stamps, in nanoseconds.
    static var nanoseconds: UInt64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
    }
}
