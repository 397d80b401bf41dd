import Glibc

/// What Prometheus' clients call `process_…`: when a process began, and the memory that it holds (proc_pid_stat(5)).
struct ProcessUse: Equatable {
    /// When it began, in clock ticks since the machine did.
    let startTicks: Int
    /// Its memory that is in RAM, in pages.
    let residentPages: Int

    /// Reads `/proc/PID/stat`; nil for what is no such text.
    init?(stat text: some StringProtocol) {
        // A program's name may hold spaces and parentheses; only the last one ends it.
        guard let end = text.lastIndex(of: ")") else { return nil }
        // The third field comes first: fields 22 and 24.
        let fields = text[text.index(after: end)...].split(whereSeparator: \.isWhitespace)
        guard fields.count > 21, let start = Int(fields[19]), let resident = Int(fields[21]) else { return nil }
        (startTicks, residentPages) = (start, resident)
    }
}

// MARK: This process

extension ProcessUse {
    /// What it is now; nil where `/proc` is not there.
    static func current() -> ProcessUse? { ProcessUse(stat: KernelFile.text("/proc/self/stat")) }

    /// The memory, in octets.
    var residentOctets: Int { residentPages * sysconf(Int32(_SC_PAGESIZE)) }

    /// The time at which it began, in seconds since 1970.
    var startTime: Double {
        // What `/proc/stat` has of the machine's start is hidden from a unit with ProcSubset=pid.
        Self.seconds(CLOCK_REALTIME) - Self.seconds(CLOCK_BOOTTIME)
            + Double(startTicks) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
