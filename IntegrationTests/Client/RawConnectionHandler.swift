import NIOCore

/// Keeps what a raw connection receives until somebody reads it. Lives on the connection's event loop.
final class RawConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private(set) var buffer = ByteBuffer()
    private(set) var end: RawConnection.End?
    private(set) var endText = ""
    private(set) var firstByteAt: UInt64?
    private var waiters: [() -> Bool] = []

    /// Calls a check now, and whenever something has come, until it returns true.
    func wait(_ check: @escaping () -> Bool) {
        waiters.append(check)
        wake()
    }

    func take(_ count: Int) -> [UInt8] { buffer.readBytes(length: count) ?? [] }

    var unread: [UInt8] { [UInt8](buffer.readableBytesView) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if firstByteAt == nil { firstByteAt = monotonicNow() }
        var bytes = unwrapInboundIn(data)
        buffer.writeBuffer(&bytes)
        wake()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { finish(.endOfFile, "end of file") }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if ConnectFault.lossOutcome(of: error) == .reset { finish(.reset, "\(error)") }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { finish(.endOfFile, "closed") }

    /// What a write said; a reset is only told there when nothing is being read.
    func writeFailed(_ error: any Error) {
        if ConnectFault.lossOutcome(of: error) == .reset { finish(.reset, "\(error)") }
    }

    private func finish(_ end: RawConnection.End, _ text: String) {
        guard self.end == nil else { return }
        self.end = end
        endText = text
        wake()
    }

    private func wake() {
        waiters.removeAll { $0() }
    }
}
