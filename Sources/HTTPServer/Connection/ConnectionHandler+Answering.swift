import HTTPTypes
import NIOCore

// MARK: Answering

extension ConnectionHandler {
    func start(_ head: RequestHead, _ context: ChannelHandlerContext) {
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

    func refuse(_ refusal: Refusal) {
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
}
