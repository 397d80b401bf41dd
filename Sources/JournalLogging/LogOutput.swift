/// Where records go. The writer thread alone uses it, and it may block as long as it likes.
protocol LogOutput: Sendable {
    /// Writes records in their order.
    /// - Returns: how many of them were lost; 0 when all is well.
    mutating func write(_ records: [LogRecord]) -> Int
}
