extension Array {
    /// The elements in the order of a round, counted from 1: each is first once in as many rounds as there are elements.
    /// Whoever comes first finds other caches, and another clock rate, than whoever comes last.
    public func rotated(round: Int) -> [Element] {
        guard count > 1 else { return self }
        let first = (round - 1) % count
        return Array(self[first...] + self[..<first])
    }
}
