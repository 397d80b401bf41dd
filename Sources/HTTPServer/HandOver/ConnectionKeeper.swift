/// Keeps open connections while no server has them: what a server that stops gives them to. It knows nothing of HTTP,
/// and the server nothing of where they are kept.
public protocol ConnectionKeeper: Sendable {
    /// Keeps connections beyond this process's own descriptors of them, which the server closes when this returns.
    ///
    /// Called on event loops: it must not block.
    ///
    /// - Returns: how many of them, from the first on, are kept. The server ends the others itself.
    func keep(_ connections: [OpenConnection]) -> Int
}
