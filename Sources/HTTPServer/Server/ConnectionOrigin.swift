/// Where a connection came from: its listener's name, the budget that it counts against, and how it begins.
final class ConnectionOrigin: Sendable {
    let name: String
    let budget: ConnectionBudget
    /// Whether its requests are answered also where too many are in work.
    let isAlwaysAnswered: Bool
    let expectsProxyHeader: Bool

    init(name: String, budget: ConnectionBudget, isAlwaysAnswered: Bool = false, expectsProxyHeader: Bool = false) {
        self.isAlwaysAnswered = isAlwaysAnswered
        self.name = name
        self.budget = budget
        self.expectsProxyHeader = expectsProxyHeader
    }
}
