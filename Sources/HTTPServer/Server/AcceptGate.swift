import Glibc
import NIOCore

/// Sits on a listener, and accepts as many connections a turn as it is allowed to.
final class AcceptGate: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias OutboundIn = Never

    private let acceptor: Acceptor
    private var context: ChannelHandlerContext?
    private var allowed = Acceptor.acceptsPerTurn

    init(acceptor: Acceptor) {
        self.acceptor = acceptor
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        acceptor.add(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        acceptor.remove(self)
        self.context = nil
    }

    /// Lets so many connections be accepted in a turn from now on.
    func allow(_ count: UInt) {
        guard count != allowed, let options = context?.channel.syncOptions else { return }
        // With autoRead off NIO takes the listener out of its poll. Not to read is not enough: after an error of
        // accept(2) a read stays due, and the loop would spin on a listener that is always readable.
        if count == 0 {
            try? options.setOption(.autoRead, value: false)
        } else {
            try? options.setOption(.maxMessagesPerRead, value: count)
            if allowed == 0 { try? options.setOption(.autoRead, value: true) }
        }
        allowed = count
    }

    func read(context: ChannelHandlerContext) {
        if allowed > 0 { context.read() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        acceptor.accepted(unwrapInboundIn(data))
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        acceptor.update()
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? IOError, [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(error.errnoCode) {
            // Not passed on: NIO's own handler would accept nothing for a second.
            acceptor.ranOut()
        } else {
            context.fireErrorCaught(error)
        }
    }
}
