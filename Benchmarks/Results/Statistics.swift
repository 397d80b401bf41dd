/// What several rounds of one measurement come to.
public struct Summary: Codable, Sendable, Equatable {
    /// The value in the middle: one bad round on a shared machine does not move it.
    public let median: Double
    /// The lowest value.
    public let lowest: Double
    /// The highest value.
    public let highest: Double
    /// How many rounds there were.
    public let count: Int

    /// Sums values up; `nil` when there are none.
    public init?(_ values: [Double]) {
        let sorted = values.filter(\.isFinite).sorted()
        guard let first = sorted.first, let last = sorted.last else { return nil }
        let middle = sorted.count / 2
        median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
        lowest = first
        highest = last
        count = sorted.count
    }
}
