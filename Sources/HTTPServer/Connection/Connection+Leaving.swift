import NIOCore

// MARK: Leaving

extension Connection {
    /// Octets of an unfinished head that go with a connection; one with more waits for its request.
    static let mostReceived = 8192

    /// Gets ready to be handed over, if the server stops, somebody keeps connections, and nothing is in work.
    func leaveIfPossible() {
        // An answer that is not yet with the kernel would stay behind.
        guard state.mayLeave, heldOctets <= Self.mostReceived, !isProcessing, !socket.hasUnsent else { return }
        state.leaves()
        watch()
        loop.leaves(self)
    }

    /// What is handed over; nil if the connection has ended meanwhile.
    func leaving() -> OpenConnection? {
        guard state.phase == .leaving else { return nil }
        return OpenConnection(descriptor: descriptor, listener: listener, received: held)
    }

    /// Nobody keeps it.
    func stays(at now: NIODeadline) {
        state.stays(at: now)
        processHeld()
    }
}
