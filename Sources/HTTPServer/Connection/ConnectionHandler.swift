import HTTPTypes
import NIOCore

/// Performs on a channel what ``ConnectionState`` decides: reads, hands requests to the responder, writes answers.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Input held while a request is in work; what a client pipelines beyond it stays in the kernel.
    private static let bufferLimit = 65536

    private let loop: LoopContext
    private let settings: ConnectionSettings
    private let listener: String
    private var state: ConnectionState
    private var parser: RequestParser
    private var context: ChannelHandlerContext?
    private var input: ByteBuffer?
    private var head: RequestHead?
    private var work: Work?
    private var isProcessing = false
    private var readIsDue = false
    private var inputWasCut = false
    /// Whether the parser can do nothing with the input that is held.
    private var isStarved = false
    /// Where the loop's list holds this connection.
    var index: Int?

    /// A request that is with its responder.
    private struct Work {
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

    private var hasBufferedInput: Bool { heldOctets > 0 }

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
    private func readIfWanted() {
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
    private func process() {
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

    // MARK: Answering

    private func start(_ head: RequestHead, _ context: ChannelHandlerContext) {
        let id = head.requestID.map(RequestID.caller) ?? loop.requestIDs.next()
        let request = Request(
            head: head,
            id: id,
            listener: listener,
            clock: loop.clock,
            isDraining: loop.isDraining
        )
        work = Work(head: head, id: id, since: .now(), task: nil)
        loop.counters.inFlight.add(1)
        let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
        let responder = settings.responder
        // Runs at once, here, up to its first suspension: an answer that waits for nothing costs no hop.
        let task = Task.immediate(executorPreference: loop.executor) {
            do {
                let response = try await responder.respond(to: request)
                bound.value.finish(.success(response))
            } catch {
                bound.value.finish(.failure(error))
            }
        }
        work?.task = task
    }

    private func finish(_ result: Result<Response, any Error>) {
        guard let work else { return }
        self.work = nil
        loop.counters.inFlight.add(-1)
        guard state.phase == .working, let context else { return }
        let response: Response
        switch result {
        case .success(let answer):
            response = answer
            loop.counters.answered.add(1)
        case .failure(let error):
            response = ServerAnswers.failure
            loop.counters.failed.add(1)
            settings.observer.responderFailed(error, id: work.id)
        }
        let now = NIODeadline.now()
        let next = state.answered(at: now, hasBufferedInput: hasBufferedInput)
        let buffer = ResponseEncoder.encode(
            response,
            id: work.id,
            date: loop.date.current(),
            persistence: next == .finish ? .closes : work.head.isHTTP10 ? .staysForHTTP10 : .stays,
            withoutBody: work.head.method == .head,
            allocator: context.channel.allocator
        )
        settings.observer.answered(
            Exchange(
                head: work.head,
                id: work.id,
                listener: listener,
                remote: context.channel.remoteAddress,
                status: response.status,
                route: response.route,
                routeNumber: response.routeNumber,
                responseBytes: work.head.method == .head ? 0 : response.body.count,
                duration: .nanoseconds((now - work.since).nanoseconds)
            )
        )
        switch next {
        case .finish:
            writeLast(buffer, context)
        case .awaitRequest:
            context.write(wrapOutboundOut(buffer), promise: nil)
            // Within `process`, its end flushes; a batch of pipelined answers is one write.
            if !isProcessing {
                context.flush()
                process()
            }
        }
    }

    private func refuse(_ refusal: Refusal) {
        guard let context, state.takesRequests else { return }
        state.refused(at: .now())
        let isToHead = head.map { $0.method == .head } ?? parser.isAtHeadMethod(input)
        input = nil
        let id = head?.requestID.map(RequestID.caller) ?? loop.requestIDs.next()
        loop.counters.refused.add(1)
        settings.observer.refused(
            RefusedRequest(
                refusal: refusal,
                id: id,
                listener: listener,
                remote: context.channel.remoteAddress
            )
        )
        let buffer = ResponseEncoder.encode(
            ServerAnswers.refusal(refusal),
            id: id,
            date: loop.date.current(),
            persistence: .closes,
            withoutBody: isToHead,
            allocator: context.channel.allocator
        )
        writeLast(buffer, context)
    }

    // MARK: Ending

    /// Writes the last answer, then closes our half: RFC 9112 section 9.6, lest a reset take the answer with it.
    private func writeLast(_ buffer: ByteBuffer, _ context: ChannelHandlerContext) {
        input = nil
        let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
        context.writeAndFlush(wrapOutboundOut(buffer)).whenComplete { _ in bound.value.lastAnswerFlushed() }
    }

    private func lastAnswerFlushed() {
        guard let context, state.phase == .finishing else { return }
        if state.lastAnswerFlushed(at: .now()) {
            close()
        } else {
            context.close(mode: .output, promise: nil)
            readIfWanted()
        }
    }

    private func inputEnded() {
        switch state.inputEnded(hasBufferedInput: hasBufferedInput && !isStarved) {
        case .nothing: break
        case .finish: endQuietly(at: .now())
        case .refuse(let refusal): refuse(refusal)
        case .close: close()
        }
    }

    private func close() {
        guard state.phase != .closed else { return }
        context?.close(promise: nil)
        ended()
    }

    /// The connection is no more: whatever was done for it stops.
    private func ended() {
        guard state.phase != .closed || index != nil else { return }
        state.closed()
        input = nil
        if let work {
            self.work = nil
            loop.counters.inFlight.add(-1)
            work.task?.cancel()
        }
        loop.remove(self)
        context = nil
    }

    // MARK: What the loop asks

    func checkDeadline(at now: NIODeadline) {
        switch state.expiry(at: now) {
        case nil: break
        case .close: close()
        case .refuse(let refusal): refuse(refusal)
        case .finish: endQuietly(at: now)
        }
    }

    /// Ends an idle connection: behind the answers that a slow client has still to read, and our half first, so that a
    /// request that is on its way meets no reset.
    private func endQuietly(at now: NIODeadline) {
        guard let context else { return }
        state.refused(at: now)
        writeLast(ByteBuffer(), context)
    }

    func drainBegan(at now: NIODeadline) {
        state.drainBegan(at: now, handsOver: loop.keeper != nil)
        leaveIfPossible()
    }

    func abort() { close() }
}

// MARK: Leaving

extension ConnectionHandler {
    /// Octets of an unfinished head that go with a connection; one with more waits for its request.
    static let mostReceived = 8192

    /// Gets ready to be handed over, if the server stops, somebody keeps connections, and nothing is in work.
    private func leaveIfPossible() {
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
