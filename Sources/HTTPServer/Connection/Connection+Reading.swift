// MARK: Reading

extension Connection {
    /// Requests that are answered in one turn of the loop: what one client pipelines does not hold up the others.
    static let requestsPerTurn = 8

    /// Octets of what a client pipelines that are taken in while its request is in work.
    private static let readWhileWorking = 1024

    /// Reads what lies in the socket.
    func readSocket() {
        var memory = loop.eventLoop.input
        // It is read to learn that the client has gone; what it pipelines waits in the kernel.
        if isWorking { memory = UnsafeMutableBufferPointer(rebasing: memory[..<Self.readWhileWorking]) }
        switch socket.receive(into: memory) {
        case .octets(let count): received(UnsafeBufferPointer(rebasing: memory[..<count]))
        case .nothing: break
        case .end: inputEnded()
        // A reset, most often. The client is gone; there is nobody to answer.
        case .failed: close(.clientGone)
        }
    }

    private func received(_ octets: UnsafeBufferPointer<UInt8>) {
        isStarved = false
        switch state.phase {
        case .idle, .receiving, .working:
            guard held.isEmpty, state.takesRequests else {
                hold(octets)
                return processHeld()
            }
            let used = process(octets)
            if heldOctets > 0 { held = Array(octets[used...]) }
            processed()
        case .finishing, .lingering:
            state.discarded(octets: octets.count, at: loop.eventLoop.now)
        case .closed:
            break
        }
    }

    private func hold(_ octets: UnsafeBufferPointer<UInt8>) {
        held.append(contentsOf: octets)
        heldOctets = held.count
    }

    /// What was not used, or only gathered, is dropped: nothing more is taken from this connection.
    func dropInput() {
        held = []
        heldOctets = 0
        _ = parser.takeContent()
        countContent()
    }

    /// Goes on with the input that is held.
    func processHeld() {
        guard !isProcessing, !awaitsTurn, !state.isLeaving else { return }
        if heldOctets > 0 || parser.isInBody {
            // Taken out meanwhile, lest it be copied.
            let octets = held
            held = []
            let used = octets.withUnsafeBufferPointer { process($0) }
            if heldOctets == octets.count {
                held = octets
            } else if heldOctets > 0 {
                held = Array(octets[used...])
            }
        }
        processed()
    }

    /// Takes requests out of octets until one is in work or no whole one is left. Returns how many octets were used; the
    /// others are still to be held, if `heldOctets` says so.
    private func process(_ octets: UnsafeBufferPointer<UInt8>) -> Int {
        isProcessing = true
        defer { isProcessing = false }
        var used = 0
        var requests = 0
        heldOctets = octets.count
        while state.takesRequests, !socket.hasUnsent, heldOctets > 0 || parser.isInBody {
            if requests == Self.requestsPerTurn {
                awaitsTurn = true
                loop.awaitsTurn(self)
                break
            }
            let rest = UnsafeBufferPointer(rebasing: octets[used...]).span
            if let proxied, proxied.awaitsHeader {
                switch ProxyHeader.read(rest) {
                case .needsMore:
                    isStarved = true
                    return used
                case .malformed:
                    refuse(.proxyHeaderMalformed, isToHead: false, excerpt: rest)
                case .header(let header):
                    proxied.took(header)
                    used += header.length
                    heldOctets -= header.length
                }
                continue
            }
            let step: RequestParser.Step
            do throws(Refusal) {
                let consumed: Int
                (step, consumed) = try parser.next(rest)
                used += consumed
                heldOctets -= consumed
            } catch {
                refuse(error, isToHead: parser.isAtHeadMethod(rest), excerpt: rest)
                break
            }
            // Empty lines before a request are not its beginning: a client that sends one is idle.
            if parser.hasBegun { state.requestBegan(at: loop.eventLoop.now) }
            switch step {
            case .needsMore:
                isStarved = true
                if !affordsMoreContent { refuse(.contentBudgetExhausted, isToHead: false, excerpt: Span()) }
                return used
            case .head(let head):
                headArrived(head)
            case .end:
                requests += 1
                requestArrived(following: rest.extracting(last: heldOctets))
            }
        }
        return used
    }

    private func headArrived(_ head: RequestHead) {
        self.head = head
        state.headArrived(keepsAlive: head.semantics.keepsAlive)
        if let proxied {
            do throws(ForwardedField.Malformed) {
                try proxied.began(head, behind: peer, settings.forwarding)
            } catch {
                return refuse(.forwardedMalformed, isToHead: false, excerpt: head.octets.span)
            }
        }
        if head.semantics.body != .none, settings.responder.takesContent(head) {
            guard origin.isAlwaysAnswered || loop.content.affords(head.semantics.body.announced) else {
                return refuse(.contentBudgetExhausted, isToHead: false, excerpt: head.octets.span)
            }
            parser.gatherContent()
        }
        if head.semantics.expectsContinue, !hasBufferedInput {
            loop.eventLoop.output.append(ResponseEncoder.continueLine)
            flush()
        }
    }

    /// Whether the content that has come, if it is gathered, is within the budget: others may have used that up meanwhile.
    private var affordsMoreContent: Bool {
        guard parser.content != nil, !origin.isAlwaysAnswered else { return true }
        countContent()
        return loop.content.affords(0)
    }

    private func requestArrived(following: Span<UInt8>) {
        state.requestArrived()
        if let head {
            self.head = nil
            holdsFollowing = state.plan.endsWithAnswer && parser.holdsRequest(following)
            start(head, parser.takeContent())
        }
        // Many small requests in one read are answered with a few writes.
        if loop.eventLoop.output.count >= EpollLoop.readSize { flush() }
    }

    /// Ends a round of `process`: what it has written goes out in one piece.
    private func processed() {
        countContent()
        flush()
        if state.inputEnded, state.takesRequests, !awaitsTurn { inputEnded() }
        settle()
        watch()
    }
}
