import Synchronization

/// How much memory a server spends on answers that its clients do not read, over all its event loops.
final class UnreadBudget: Sendable {
    /// Answers that are always given: an error is no longer.
    private static let alwaysGiven = 1024

    private let limit: Atomic<Int>
    private let count = Atomic<Int>(0)

    init(limit: Int) {
        self.limit = Atomic(limit)
    }

    /// What is unread now.
    var octets: Int { count.load(ordering: .relaxed) }

    func setLimit(_ limit: Int) { self.limit.store(limit, ordering: .relaxed) }

    /// Whether an answer of so many octets can be given, even if its client reads none of it.
    func affords(_ more: Int) -> Bool {
        more <= Self.alwaysGiven || octets + more <= limit.load(ordering: .relaxed)
    }

    func changed(by amount: Int) { count.wrappingAdd(amount, ordering: .relaxed) }
}
