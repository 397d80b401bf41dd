import Glibc
import NIOCore

/// Performs on a socket what ``ConnectionState`` decides: reads, hands requests to the responder, writes answers.
///
/// Used on its event loop only.
final class Connection: Pollable {
    let loop: LoopContext
    let settings: ConnectionSettings
    let listener: String
    let remote: ClientAddress
    var socket: StreamSocket
    var state: ConnectionState
    var parser: RequestParser
    /// Input that was read and not used yet.
    private(set) var held: [UInt8]
    /// Octets of input that are held, those among them at which `process` is just looking.
    var heldOctets = 0
    var head: RequestHead?
    var work: Work?
    var isProcessing = false
    /// Whether the parser can do nothing with the input that is held.
    var isStarved = false
    /// Where the loop's list holds this connection.
    var index: Int?

    /// A request that is with its responder.
    final class Work {
        let head: RequestHead
        let id: RequestID
        let since: NIODeadline
        /// What it waits for: one of these.
        var task: Task<Void, Never>?
        var timer: LoopTimer?

        init(head: RequestHead, id: RequestID, since: NIODeadline) {
            self.head = head
            self.id = id
            self.since = since
        }
    }

    /// - Parameters:
    ///   - descriptor: A connected, non-blocking stream socket, which is the connection's from here on.
    ///   - takenUp: What was read already from a connection that another server had before; nil for a new one.
    init(
        descriptor: CInt,
        remote: ClientAddress,
        loop: LoopContext,
        settings: ConnectionSettings,
        listener: String,
        takenUp: [UInt8]? = nil
    ) {
        self.listener = listener
        self.remote = remote
        self.loop = loop
        self.settings = settings
        socket = StreamSocket(descriptor: descriptor)
        state = ConnectionState(
            timeouts: settings.timeouts,
            acceptedAt: loop.eventLoop.now,
            isTakenUp: takenUp != nil
        )
        parser = RequestParser(limits: settings.limits)
        held = takenUp ?? []
        heldOctets = held.count
        super.init(descriptor: descriptor)
    }

    deinit {
        // One that was never begun; any other was closed when it ended.
        if state.phase != .closed { Glibc.close(descriptor) }
    }

    var hasBufferedInput: Bool { heldOctets > 0 }

    var isWorking: Bool { state.phase == .working }

    /// Begins to serve. A connection that cannot be watched is closed by its end.
    func begin() throws {
        try loop.eventLoop.add(self, for: .input)
        loop.add(self)
        loop.counters.accepted.add(1)
        if loop.isDraining { state.drainBegan(at: loop.eventLoop.now, handsOver: loop.keeper != nil) }
        processHeld()
    }

    // MARK: Events

    override func isReady(for readiness: Readiness) {
        // Its end may have come in the same turn.
        guard state.phase != .closed else { return }
        if readiness.contains(.output), socket.hasUnsent { sendRest() }
        if !readiness.isDisjoint(with: [.input, .ended]) { receive(hasEnded: !readiness.isDisjoint(with: .ended)) }
    }

    private func receive(hasEnded: Bool) {
        guard wantsInput else {
            // The peer is gone, and its end would be told of again and again.
            if hasEnded { close() }
            return
        }
        let memory = loop.eventLoop.input
        switch socket.receive(into: memory) {
        case .octets(let count): received(UnsafeBufferPointer(rebasing: memory[..<count]))
        case .nothing: break
        case .end: inputEnded()
        // A reset, most often. The client is gone; there is nobody to answer.
        case .failed: close()
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
            if state.discarded(octets: octets.count) { close() }
        case .leaving, .closed:
            break
        }
    }

    private func hold(_ octets: UnsafeBufferPointer<UInt8>) {
        held.append(contentsOf: octets)
        heldOctets = held.count
    }

    /// What was not used is dropped: nothing more is taken from this connection.
    func dropInput() {
        held = []
        heldOctets = 0
    }

    // MARK: Reading

    /// Whether input is wanted. While a request is in work it is, so that a client's going is noticed, until the client
    /// pipelines more; not while it leaves answers unread.
    private var wantsInput: Bool {
        guard !state.inputEnded else { return false }
        switch state.phase {
        case .idle, .receiving: return !socket.hasUnsent
        case .working: return !hasBufferedInput
        case .finishing, .lingering: return true
        case .leaving, .closed: return false
        }
    }

    /// Has the loop watch for what is wanted now.
    func watch() {
        guard state.phase != .closed else { return }
        var interest: Readiness = wantsInput ? .input : []
        if socket.hasUnsent { interest.insert(.output) }
        loop.eventLoop.change(self, to: interest)
    }

    /// Goes on with the input that is held.
    func processHeld() {
        guard !isProcessing else { return }
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
        heldOctets = octets.count
        while state.takesRequests, !socket.hasUnsent, heldOctets > 0 || parser.isInBody {
            let rest = UnsafeBufferPointer(rebasing: octets[used...]).span
            let step: RequestParser.Step
            do throws(Refusal) {
                let consumed: Int
                (step, consumed) = try parser.next(rest)
                used += consumed
                heldOctets -= consumed
            } catch {
                refuse(error, isToHead: parser.isAtHeadMethod(rest))
                break
            }
            // Empty lines before a request are not its beginning: a client that sends one is idle.
            if parser.hasBegun { state.requestBegan(at: loop.eventLoop.now) }
            guard perform(step) else { break }
        }
        return used
    }

    /// Returns whether to go on.
    private func perform(_ step: RequestParser.Step) -> Bool {
        switch step {
        case .needsMore:
            isStarved = true
            return false
        case .head(let head):
            self.head = head
            state.headArrived(keepsAlive: head.semantics.keepsAlive)
            if head.semantics.expectsContinue, !hasBufferedInput {
                loop.eventLoop.output.append(ResponseEncoder.continueLine)
                flush()
            }
            return true
        case .end:
            state.requestArrived()
            if let head {
                self.head = nil
                start(head)
            }
            // Many small requests in one read are answered with a few writes.
            if loop.eventLoop.output.count >= EpollLoop.readSize { flush() }
            return true
        }
    }

    /// Ends a round of `process`: what it has written goes out in one piece.
    private func processed() {
        flush()
        if state.inputEnded, state.takesRequests { inputEnded() }
        leaveIfPossible()
        watch()
    }

    private func sendRest() {
        guard socket.sendRest() else { return close() }
        guard !socket.hasUnsent else { return }
        state.writeStalled(false, at: loop.eventLoop.now)
        if state.phase == .finishing { lastAnswerFlushed() } else { processHeld() }
    }

    /// Gives what was put together to the kernel.
    func flush() {
        guard !loop.eventLoop.output.isEmpty else { return }
        defer { loop.eventLoop.output.clear() }
        guard state.phase != .closed else { return }
        guard socket.send(loop.eventLoop.output.bytes) else { return close() }
        if socket.hasUnsent { state.writeStalled(true, at: loop.eventLoop.now) }
    }
}
