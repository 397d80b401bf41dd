import Glibc
import NIOCore

extension RawConnection {
    /// Sends bytes, and waits until the kernel has taken them.
    ///
    /// - Throws: kind `.reset` when the other side has gone, `.timedOut` when it does not read.
    public func send(_ bytes: [UInt8], within bound: Duration = .seconds(10)) async throws(RawConnectionError) {
        try await bounded(bound, "sending \(bytes.count) bytes") { wait in
            channel.writeAndFlush(ByteBuffer(bytes: bytes)).whenComplete { result in
                switch result {
                case .success:
                    wait.end(.success(()))
                case .failure(let error):
                    handler.value.writeFailed(error)
                    let kind: RawConnectionError.Kind = handler.value.end == .reset ? .reset : .closed
                    wait.end(.failure(RawConnectionError(kind, "send: \(error)", received: handler.value.unread)))
                }
            }
        }
    }

    /// Sends a text as UTF-8. Line ends are sent as they are: write `\r\n`.
    public func send(_ text: String, within bound: Duration = .seconds(10)) async throws(RawConnectionError) {
        try await send([UInt8](text.utf8), within: bound)
    }

    /// Sends bytes in pieces with pauses, as a slow or a nasty client does. Ends early when the other side has gone.
    public func sendSlowly(
        _ bytes: [UInt8],
        pieces size: Int = 1,
        every pause: Duration
    ) async throws(RawConnectionError) {
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + max(1, size))
            try await send([UInt8](bytes[start..<end]))
            start = end
            guard start < bytes.count else { return }
            do {
                try await Task.sleep(for: pause)
            } catch {
                throw RawConnectionError(.cancelled, "the task was cancelled")
            }
        }
    }

    /// Sends a text in pieces with pauses.
    public func sendSlowly(
        _ text: String,
        pieces size: Int = 1,
        every pause: Duration
    ) async throws(RawConnectionError) {
        try await sendSlowly([UInt8](text.utf8), pieces: size, every: pause)
    }

    /// Ends the client's side of the stream (`shutdown(SHUT_WR)`); reading goes on.
    public func halfClose() async throws(RawConnectionError) {
        do {
            try await channel.close(mode: .output)
        } catch {
            throw RawConnectionError(.closed, "half-close: \(error)")
        }
    }

    /// Closes with a FIN (or a RST, when bytes are unread in the kernel: that is how TCP works).
    public func close() async {
        // It fails only when it is closed already.
        try? await channel.close()
    }

    /// Closes with a RST: `SO_LINGER` with a time of 0, see socket(7).
    public func reset() async {
        let lingers = linger(l_onoff: 1, l_linger: 0)
        try? await (channel as? any SocketOptionProvider)?.setSoLinger(lingers).get()
        await close()
    }

    /// Takes what comes from the kernel, or leaves it there so that the other side's writes stall.
    public func setReading(_ reads: Bool) async throws(RawConnectionError) {
        do {
            try await channel.setOption(.autoRead, value: reads).get()
        } catch {
            throw RawConnectionError(.closed, "autoRead: \(error)")
        }
    }

    /// Runs something that ends a wait, in bounded time.
    func bounded<Value: Sendable>(
        _ bound: Duration,
        _ what: String,
        _ begin: (BoundedWait<Value>) -> Void
    ) async throws(RawConnectionError) -> Value {
        let wait = BoundedWait<Value>()
        let timer = channel.eventLoop.scheduleTask(in: .nanoseconds(bound.wholeNanoseconds)) {
            let text = "\(what) took longer than \(bound.secondsText) s"
            wait.end(.failure(RawConnectionError(.timedOut, text, received: handler.value.unread)))
        }
        defer { timer.cancel() }
        begin(wait)
        return try await wait.value()
    }
}
