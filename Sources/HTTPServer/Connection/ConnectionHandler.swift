import HTTPTypes
import NIOCore

/// Performs on a channel what ``ConnectionState`` decides: reads, hands requests to the responder, writes answers.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Input held while a request is in work; what a client pipelines beyond it stays in the kernel.
    private static let bufferLimit = 65536

    let loop: LoopContext
    let settings: ConnectionSettings
    let listener: String
    var state: ConnectionState
    var parser: RequestParser
    var context: ChannelHandlerContext?
    var input: ByteBuffer?
    var head: RequestHead?
    var work: Work?
    var isProcessing = false
    private var readIsDue = false
    private var inputWasCut = false
    /// Whether the parser can do nothing with the input that is held.
    var isStarved = false
    /// Where the loop's list holds this connection.
    var index: Int?

    /// A request that is with its responder.
    struct Work {
        var head: RequestHead
        var id: RequestID
        var since: NIODeadline
        var task: Task<Void, Never>?
    }

    /// - Parameter takenUp: what was read already from a connection that another server had before; nil for a new one.
    init(loop: LoopContext, settings: ConnectionSettings, listener: String, takenUp: ByteBuffer? = nil) {
        self.listener = listener
        self.loop = loop
        self.settings = settings
        state = ConnectionState(timeouts: settings.timeouts, acceptedAt: .now(), isTakenUp: takenUp != nil)
        if let takenUp, takenUp.readableBytes > 0 { input = takenUp }
        parser = RequestParser(limits: settings.limits)
    }

    /// Octets of input that are held.
    var heldOctets: Int { input?.readableBytes ?? 0 }

    var hasBufferedInput: Bool { heldOctets > 0 }

    var isWorking: Bool { state.phase == .working }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        loop.add(self)
        loop.counters.accepted.add(1)
        // It leaves, if it is to, once it is active.
        if loop.isDraining { state.drainBegan(at: .now(), handsOver: loop.keeper != nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { ended() }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        process()
    }

    func channelInactive(context: ChannelHandlerContext) {
        ended()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var received = unwrapInboundIn(data)
        isStarved = false
        switch state.phase {
        case .idle, .receiving, .working:
            if inputWasCut { return }
            if input == nil { input = received } else { input?.writeBuffer(&received) }
            if state.phase == .working || !context.channel.isWritable,
                let held = input?.readableBytes, held > Self.bufferLimit
            {
                // Only a client that ends its half can send this much: NIO then reads to the end. What is dropped here
                // would have been refused anyway, since the rest of it is not taken.
                inputWasCut = true
            }
            process()
        case .leaving:
            // Read before it was to leave, in the same turn: it belongs to what is handed over.
            if input == nil { input = received } else { input?.writeBuffer(&received) }
        case .finishing, .lingering:
            if state.discarded(octets: received.readableBytes) { close() }
        case .closed:
            break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        readIsDue = false
        readIfWanted()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        state.writeStalled(!context.channel.isWritable, at: .now())
        if context.channel.isWritable { process() }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(.inputClosed) = event as? ChannelEvent { inputEnded() }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A reset, most often. The client is gone; there is nobody to answer.
        close()
    }

    // MARK: Reading

    /// Keeps reading while a request is in work, so that a client's going is noticed, until it pipelines more.
    func readIfWanted() {
        switch state.phase {
        case .idle, .receiving: if context?.channel.isWritable == true { read() }
        case .working: if !hasBufferedInput { read() }
        case .finishing, .lingering: read()
        case .leaving, .closed: break
        }
    }

    private func read() {
        guard !readIsDue, !state.inputEnded else { return }
        readIsDue = true
        context?.read()
    }

    /// Takes requests out of the input until one is in work or no whole one is left.
    func process() {
        guard !isProcessing else { return }
        isProcessing = true
        var wroteAnything = false
        while state.takesRequests, var buffer = input, let context, context.channel.isWritable {
            guard buffer.readableBytes > 0 || parser.isInBody else { break }
            // The buffer is taken out, lest it be copied when it is written to.
            input = nil
            let step: RequestParser.Step
            do throws(Refusal) {
                step = try parser.next(&buffer)
            } catch {
                input = buffer
                refuse(error)
                break
            }
            // Empty lines before a request are not its beginning: a client that sends one is idle.
            if parser.hasBegun { state.requestBegan(at: .now()) }
            input = buffer.readableBytes > 0 || parser.isInBody ? buffer : nil
            guard perform(step, context) else { break }
            wroteAnything = true
        }
        isProcessing = false
        if wroteAnything { context?.flush() }
        if state.inputEnded, state.takesRequests { inputEnded() }
        leaveIfPossible()
        readIfWanted()
    }

    /// Returns whether to go on.
    private func perform(_ step: RequestParser.Step, _ context: ChannelHandlerContext) -> Bool {
        switch step {
        case .needsMore:
            isStarved = true
            shrinkInput()
            return false
        case .head(let head):
            self.head = head
            state.headArrived(keepsAlive: head.semantics.keepsAlive)
            if head.semantics.expectsContinue, !hasBufferedInput { writeContinue(context) }
            return true
        case .end:
            state.requestArrived()
            if let head { start(head, context) }
            head = nil
            return true
        }
    }

    /// Gives the memory of a large read back while a small rest of it waits.
    private func shrinkInput() {
        guard let held = input, held.readableBytes * 4 < held.capacity else { return }
        input = held.readableBytes == 0 ? nil : context?.channel.allocator.buffer(buffer: held)
    }

    private func writeContinue(_ context: ChannelHandlerContext) {
        var buffer = context.channel.allocator.buffer(capacity: 32)
        buffer.writeStaticString(ResponseEncoder.continueLine)
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }
}
