import CGlibc
import Glibc

/// The processor's cores that the process may use.
enum PermittedCores {
    /// How many there are: those that its affinity names (sched_setaffinity(2), `CPUAffinity=`, taskset(1)), and no more than
    /// the quota of its control group comes to. A set of cores that the group has is in the affinity already.
    static var count: Int {
        max(1, min(affinity ?? sysconf(CInt(_SC_NPROCESSORS_ONLN)), CPUQuota.current()?.cores ?? .max))
    }

    /// The cores that the calling thread's affinity names; nil where the kernel does not tell.
    static var affinity: Int? {
        // Larger than any mask of today: a smaller one than the kernel's would be refused.
        withUnsafeTemporaryAllocation(byteCount: 8192, alignment: MemoryLayout<UInt>.alignment) { mask in
            mask.initializeMemory(as: UInt8.self, repeating: 0)
            guard let start = mask.baseAddress, get_affinity(0, mask.count, start) == 0 else { return nil }
            return mask.reduce(0) { $0 + $1.nonzeroBitCount }
        }
    }
}
