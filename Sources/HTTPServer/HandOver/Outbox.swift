/// The connections of one event loop that are ready to be given up, until the turn of the loop ends: the keeper is handed
/// them all at once. Nothing is read from a connection meanwhile, so what a client sends stays in the kernel.
struct Outbox {
    private(set) var waiting: [Connection] = []

    /// Adds a connection. Returns whether it is the first, so that the turn's end has to be told.
    mutating func add(_ connection: Connection) -> Bool {
        waiting.append(connection)
        return waiting.count == 1
    }

    /// Takes all that wait.
    mutating func takeAll() -> [Connection] {
        defer { waiting = [] }
        return waiting
    }
}
