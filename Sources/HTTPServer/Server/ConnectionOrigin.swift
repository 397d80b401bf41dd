/// Where a connection came from: its listener's name, and the budget that it counts against.
final class ConnectionOrigin: Sendable {
    let name: String
    let budget: ConnectionBudget

    init(name: String, budget: ConnectionBudget) {
        self.name = name
        self.budget = budget
    }
}
