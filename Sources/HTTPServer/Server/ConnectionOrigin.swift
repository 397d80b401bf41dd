/// Where a connection came from: its listener's name, the budget that it counts against, and how it begins.
final class ConnectionOrigin: Sendable {
    let name: String
    let budget: ConnectionBudget
    let expectsProxyHeader: Bool

    init(name: String, budget: ConnectionBudget, expectsProxyHeader: Bool = false) {
        self.name = name
        self.budget = budget
        self.expectsProxyHeader = expectsProxyHeader
    }
}
