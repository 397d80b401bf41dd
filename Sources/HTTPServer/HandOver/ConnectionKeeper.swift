/// An open connection that a server gives up, or takes up: between requests, or with the beginning of a request.
public struct OpenConnection: Sendable, Equatable {
    /// The connected socket.
    public var descriptor: CInt
    /// The name of the listener that it came from.
    public var listener: String
    /// Octets of a request's head that were read already, most often none; what was not read is still in the kernel.
    public var received: [UInt8]

    /// Creates a description of an open connection.
    public init(descriptor: CInt, listener: String, received: [UInt8] = []) {
        self.descriptor = descriptor
        self.listener = listener
        self.received = received
    }
}

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
