import CGlibc

/// When to give memory back: once the connections have fallen to half of what they were. Pure.
struct MemoryReturnDecision: Sendable {
    /// Peaks below it are not worth the walk through the heap.
    static let smallestPeak = 256

    private var peak = 0

    /// Decides at a look at the number of open connections, and the most that there were since the look before.
    mutating func look(connections: Int, most: Int) -> Bool {
        peak = max(peak, most, connections)
        guard peak >= Self.smallestPeak, connections <= peak / 2 else { return false }
        peak = connections
        return true
    }
}

/// Gives memory back to the kernel when a peak is over. glibc keeps what was freed for the next peak: after 10,000
/// connections that would be most of what they took.
enum MemoryReturn {
    static func trim() { _ = malloc_trim(0) }
}
