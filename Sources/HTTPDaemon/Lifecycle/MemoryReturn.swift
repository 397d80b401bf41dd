import CGlibc
import Glibc

/// When to give memory back: once behind the start, and whenever the connections have fallen to half of what they were.
/// Pure.
struct MemoryReturnDecision: Sendable {
    /// Peaks below it are not worth the walk through the heap.
    static let smallestPeak = 256

    private var peak = 0
    private var hasStarted = false

    /// Decides at a look at the number of open connections, and the most that there were since the look before.
    mutating func look(connections: Int, most: Int) -> Bool {
        defer { hasStarted = true }
        peak = max(peak, most, connections)
        if !hasStarted, peak < Self.smallestPeak { return true }
        guard peak >= Self.smallestPeak, connections <= peak / 2 else { return false }
        peak = connections
        return true
    }
}

/// Gives memory back to the kernel when a peak is over.
enum MemoryReturn {
    static func trim() {
        // glibc keeps what was freed for the next peak: after 10,000 connections that would be most of what they took.
        _ = malloc_trim(0)
        unmapCode()
    }

    /// Lets go of code and constants, which are the larger part of an idle daemon's memory: most are used by a start
    /// alone, or lie beside what is. They stay in the page cache; what is used again is mapped again at its first use,
    /// at some 100 faults without a read.
    private static func unmapCode() {
        _ = each_loaded_object(
            { object, _, _ in
                let object = object.pointee
                let page = UInt(sysconf(Int32(_SC_PAGESIZE)))
                for segment in UnsafeBufferPointer(start: object.segments, count: Int(object.segment_count))
                where segment.p_type == PT_LOAD && segment.p_flags & UInt32(PF_W) == 0 {
                    // What could never be written is as it is in its file, but for the breakpoints of a debugger.
                    let start = UInt(object.address + segment.p_vaddr) / page * page
                    let end = UInt(object.address + segment.p_vaddr + segment.p_memsz)
                    madvise(UnsafeMutableRawPointer(bitPattern: start), Int(end - start), MADV_DONTNEED)
                }
                return 0
            },
            nil
        )
    }
}
