import NIOCore

/// Stands between a connection's handler and its channel, in the kernel's place: gives input when it is asked for, and
/// keeps what is written.
final class Wire: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private(set) var written: [UInt8] = []
    private(set) var readIsAskedFor = false
    private(set) var outputHasEnded = false
    private(set) var isClosed = false
    private var unflushed: [UInt8] = []
    private var promises: [EventLoopPromise<Void>] = []

    /// Notes that what was asked for has been given.
    func gave() { readIsAskedFor = false }

    func read(context: ChannelHandlerContext) { readIsAskedFor = true }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        require(!outputHasEnded && !isClosed, "it wrote behind its end")
        unflushed += Array(unwrapOutboundIn(data).readableBytesView)
        if let promise { promises.append(promise) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosed = true
        context.fireChannelInactive()
    }

    func flush(context: ChannelHandlerContext) {
        written += unflushed
        unflushed = []
        let flushed = promises
        promises = []
        for promise in flushed { promise.succeed() }
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        // The second close is the channel's own, which gives its memory back.
        if isClosed { return context.close(mode: mode, promise: promise) }
        require(unflushed.isEmpty, "it left an answer unflushed")
        if mode == .output { outputHasEnded = true } else { isClosed = true }
        promise?.succeed()
        if isClosed { context.fireChannelInactive() }
    }
}

/// Ends the program where something is not so; libFuzzer then keeps the input.
func require(_ isSo: Bool, _ what: @autoclosure () -> String) {
    if !isSo { fatalError(what()) }
}
