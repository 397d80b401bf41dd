import NIOCore

/// The handler of one connection of a load: bytes in, answers out to the worker. Lives on the worker's event loop.
final class LoadConnection: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let worker: LoadWorker
    /// The client that uses this connection; nil once it has let go of it.
    var slot: LoadSlot?
    /// The ID of the answer before, so that an answer given twice is known for what it is.
    var previousRequestID: [UInt8]?
    private(set) var channel: (any Channel)?
    private var context: ChannelHandlerContext?
    private var scanner = ResponseScanner()
    private var expectsAnswer = false
    private var error: (any Error)?

    init(worker: LoadWorker, slot: LoadSlot) {
        self.worker = worker
        self.slot = slot
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        channel = context.channel
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        channel = nil
    }

    /// Sends a request, and reads what comes as its answer.
    func send(_ request: RequestEncoder.Encoded) {
        guard let context else { return worker.lost(self, error: ChannelError.ioOnClosedChannel) }
        scanner.expect(request.expected)
        expectsAnswer = true
        // Without a promise, NIO does not tell EPIPE and ECONNRESET on write from an end of file.
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenFailure { [self] error in
            self.error = self.error ?? error
        }
        context.writeAndFlush(wrapOutboundOut(request.bytes), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        guard expectsAnswer else { return worker.gotUnexpectedBytes(on: self, buffer) }
        switch buffer.withUnsafeReadableBytes({ scanner.feed($0) }) {
        case .more:
            break
        case .malformed(let reason):
            expectsAnswer = false
            worker.gotMalformedAnswer(on: self, reason: reason)
        case .complete(let answer, let consumed):
            expectsAnswer = false
            let rest = consumed < buffer.readableBytes ? buffer.dropping(consumed) : nil
            worker.gotAnswer(on: self, answer, trailing: rest)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.error = self.error ?? error
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        worker.lost(self, error: error)
    }

    /// Closes without telling the worker again.
    func abandon() {
        slot = nil
        channel?.close(promise: nil)
    }

    /// The client's own address, to find a failure's packets by.
    var localName: String { channel?.localAddress.map { "\($0.port ?? 0)" } ?? "?" }

    /// Whether a part of the answer has come.
    var isInsideAnswer: Bool { expectsAnswer && scanner.isInsideAnswer }
}

extension ByteBuffer {
    fileprivate func dropping(_ count: Int) -> ByteBuffer {
        var rest = self
        rest.moveReaderIndex(forwardBy: count)
        return rest
    }
}

/// One simulated client of a load: the place of one request at a time.
final class LoadSlot {
    /// Where it stands.
    enum State {
        /// Waits for its turn to connect.
        case queued
        /// Waits for its connection.
        case connecting
        /// Has a connection, or may have lost it, and no request in work.
        case resting
        /// Has sent a request.
        case inWork
        /// Has nothing more to do.
        case done
    }

    var state: State = .queued
    /// When the state's clock started (monotonic nanoseconds).
    var since: UInt64 = 0
    var sequence: UInt64 = 0
    var connection: LoadConnection?
    /// The request has been counted as attempted: a connect that is tried again is no second request.
    var isCounted = false
    /// It had a connection before.
    var hadConnection = false
}
