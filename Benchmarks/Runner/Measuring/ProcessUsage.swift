import BenchmarkResults
import Foundation
import Glibc

/// What the kernel says of a server: a process and its descendants.
struct ProcessUsage: Sendable {
    let root: Int32

    /// The process and all below it.
    var processes: [Int32] {
        var found: [Int32] = []
        var queue = [root]
        while let process = queue.popLast() {
            found.append(process)
            let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []
            for thread in threads {
                queue += ProcessFiles.children(FileText.read("/proc/\(process)/task/\(thread)/children"))
            }
        }
        return found
    }

    /// Processor time used so far, by threads that have ended too.
    ///
    /// It is what `/proc/PID/stat` has as utime and stime, in nanoseconds instead of hundredths of a second.
    var processorTime: Duration {
        processes.reduce(.zero) { sum, process in
            var clock = clockid_t()
            var time = timespec()
            guard clock_getcpuclockid(process, &clock) == 0, clock_gettime(clock, &time) == 0 else { return sum }
            return sum + .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
        }
    }

    /// What is resident, and what of it is no page of a file.
    struct Memory {
        var residentKiB = 0.0
        var anonymousKiB = 0.0
    }

    /// Its memory. Asking walks the process's pages, so it should not be done too often.
    var memory: Memory {
        processes.reduce(into: Memory()) { sum, process in
            let text = FileText.read("/proc/\(process)/smaps_rollup")
            sum.residentKiB += Double(ProcessFiles.residentKiB(smapsRollup: text) ?? 0)
            sum.anonymousKiB += Double(ProcessFiles.anonymousKiB(smapsRollup: text) ?? 0)
        }
    }

    /// Open descriptors of the process itself.
    var descriptors: Int { (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(root)/fd"))?.count ?? 0 }

    /// The most memory seen while a body runs, looked at every 100 ms.
    func peakKiB<Result: Sendable>(while body: () async throws -> Result) async throws -> (Result, peakKiB: Double) {
        let sampler = Task { [self] in
            var peak = 0.0
            while !Task.isCancelled {
                peak = max(peak, memory.residentKiB)
                try? await Task.sleep(for: .milliseconds(100))
            }
            return peak
        }
        defer { sampler.cancel() }
        let result = try await body()
        sampler.cancel()
        return (result, await sampler.value)
    }
}
