import NIOCore

extension RawConnection {
    /// Reads exactly so many bytes.
    public func read(count: Int, within bound: Duration) async throws(RawConnectionError) -> [UInt8] {
        try await read(within: bound, "\(count) bytes") { handler in
            handler.buffer.readableBytes >= count ? .success(handler.take(count)) : nil
        }
    }

    /// Reads to the first place where these bytes stand, them included.
    public func read(until mark: String, within bound: Duration) async throws(RawConnectionError) -> [UInt8] {
        let bytes = [UInt8](mark.utf8)
        return try await read(within: bound, "“\(ResponseScanner.printable(bytes[...]))”") { handler in
            let view = handler.buffer.readableBytesView
            guard view.count >= bytes.count else { return nil }
            let starts = view.startIndex...(view.endIndex - bytes.count)
            guard let found = starts.first(where: { view[$0..<($0 + bytes.count)].elementsEqual(bytes) }) else {
                return nil
            }
            return .success(handler.take(found - view.startIndex + bytes.count))
        }
    }

    /// Reads until the other side ends its stream.
    ///
    /// - Throws: kind `.reset`, with all that came before, when it ends with a RST.
    public func readToEnd(within bound: Duration) async throws(RawConnectionError) -> [UInt8] {
        try await read(within: bound, "the end of the stream") { handler in
            guard handler.end == .endOfFile else { return nil }
            return .success(handler.take(handler.buffer.readableBytes))
        }
    }

    /// Waits until the other side ends its stream, in whichever way. What came stays to be read.
    public func waitForEnd(within bound: Duration) async throws(RawConnectionError) -> End {
        try await read(within: bound, "the end of the stream") { handler in
            handler.end.map { .success($0) }
        }
    }

    /// Whether nothing comes in this time: no byte, no end. For the absence of a second answer.
    ///
    /// - Throws: only kind `.cancelled`.
    public func staysSilent(for bound: Duration) async throws(RawConnectionError) -> Bool {
        do {
            return try await read(within: bound, "anything") { handler in
                handler.end != nil || handler.buffer.readableBytes > 0 ? .success(false) : nil
            }
        } catch {
            guard error.kind == .timedOut else { throw error }
            return true
        }
    }

    /// What has come and was not read.
    public func unread() async -> [UInt8] {
        // It fails only when the loop is shut down.
        (try? await channel.eventLoop.submit { handler.value.unread }.get()) ?? []
    }

    /// Waits for what `check` finds; an end of the stream in which it finds nothing is an error.
    func read<Value: Sendable>(
        within bound: Duration,
        _ what: String,
        _ check: @escaping @Sendable (RawConnectionHandler) -> Result<Value, RawConnectionError>?
    ) async throws(RawConnectionError) -> Value {
        try await bounded(bound, "waiting for \(what)") { wait in
            channel.eventLoop.execute {
                let state = handler.value
                state.wait { [unowned state] in
                    // Given up meanwhile: what comes belongs to the next reader.
                    if wait.hasEnded { return true }
                    if let result = check(state) {
                        wait.end(result)
                        return true
                    }
                    guard let end = state.end else { return false }
                    let kind: RawConnectionError.Kind = end == .reset ? .reset : .closed
                    let text = "waiting for \(what): \(state.endText)"
                    wait.end(.failure(RawConnectionError(kind, text, received: state.unread)))
                    return true
                }
            }
        }
    }
}
