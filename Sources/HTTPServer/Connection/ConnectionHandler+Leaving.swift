import NIOCore

// MARK: Leaving

extension ConnectionHandler {
    /// Octets of an unfinished head that go with a connection; one with more waits for its request.
    static let mostReceived = 8192

    /// Gets ready to be handed over, if the server stops, somebody keeps connections, and nothing is in work.
    func leaveIfPossible() {
        guard state.mayLeave, let context, (input?.readableBytes ?? 0) <= Self.mostReceived, !isProcessing else {
            return
        }
        // An answer that is not yet with the kernel would stay behind.
        guard (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) == 0 else { return }
        state.leaves()
        loop.leaves(self)
    }

    /// What is handed over; nil if the connection has ended meanwhile, or has taken in more in the same turn.
    func leaving() -> OpenConnection? {
        guard state.phase == .leaving, let context else { return nil }
        let transport = try? context.channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { $0 }
        guard let transport else { return nil }
        let received = input.map { Array($0.readableBytesView) } ?? []
        guard received.count <= Self.mostReceived else { return nil }
        return OpenConnection(descriptor: transport, listener: listener, received: received)
    }

    /// Whoever keeps it has its own descriptor by now. Closing ours is close(2) alone, which the client does not notice.
    func left() { close() }

    /// Nobody keeps it.
    func stays(at now: NIODeadline) {
        state.stays(at: now)
        process()
    }
}
