import Synchronization

/// How much memory a server spends on content of requests that are not answered yet, over all its event loops.
final class ContentBudget: Sendable {
    private let limit: Atomic<Int>
    private let count = Atomic<Int>(0)

    init(limit: Int = .max) {
        self.limit = Atomic(limit)
    }

    /// What is held now.
    var octets: Int { count.load(ordering: .relaxed) }

    func setLimit(_ limit: Int) { self.limit.store(limit, ordering: .relaxed) }

    /// Whether so many octets more can be held. They count only once they have come, so that who announces much and sends
    /// little takes no room from others; so it is asked again as they come.
    func affords(_ more: Int) -> Bool { more <= limit.load(ordering: .relaxed) - octets }

    func changed(by amount: Int) { count.wrappingAdd(amount, ordering: .relaxed) }
}
