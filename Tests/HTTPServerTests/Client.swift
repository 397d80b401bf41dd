import Glibc
import NIOPosix
import Synchronization
import Testing

/// What went wrong where it runs for a test, but in no task of that test's, where `#require` would fail for nobody.
struct Unexpected: Error {
    var what: String

    init(_ what: String) { self.what = what }

    /// Throws unless it is so.
    static func unless(_ isSo: Bool, _ what: @autoclosure () -> String) throws(Unexpected) {
        if !isSo { throw Unexpected(what()) }
    }
}

/// An answer as a client reads it.
struct Answer: Equatable {
    var head = ""
    var body = ""

    var status: Int { Int(head.split(separator: " ").dropFirst().first ?? "") ?? 0 }

    func field(_ name: String) -> String? {
        let line = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix(name.lowercased() + ": ") }
        return line.map { String($0.dropFirst(name.utf8.count + 2)) }
    }

    var closes: Bool { field("Connection") == "close" }
}

/// A client with a plain socket. Its calls wait on threads of their own, each for a bounded time.
final class Client: Sendable {
    /// So that a server that does not answer fails one test, and holds no thread of the others.
    private static let pool: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 64)
        pool.start()
        return pool
    }()

    private let descriptor: Mutex<CInt>
    private let received = Mutex<ArraySlice<UInt8>>([])

    /// - Parameter receiveBuffer: what the kernel holds for us; 0 leaves it as it is.
    init(_ listener: TestListener, receiveBuffer: CInt = 0) throws {
        let socket = socket(listener.isTCP ? AF_INET : AF_UNIX, TestListener.stream, 0)
        try #require(socket >= 0)
        descriptor = Mutex(socket)
        var size = receiveBuffer
        if size > 0 { setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<CInt>.size)) }
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        try #require(listener.withAddress { connect(socket, $0, $1) } == 0, "connect: errno \(errno)")
    }

    deinit { close() }

    private var number: CInt { descriptor.withLock { $0 } }

    private func elsewhere<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await Self.pool.runIfActive(body)
    }

    // MARK: Sending

    func send(_ text: String) async throws {
        let number = number
        try await elsewhere { try Self.send(text, number) }
    }

    /// The same without a wait for a thread: for a few requests of many clients, none of which is to come later than the
    /// others because another test has the machine. They fit into the sockets.
    func sendNow(_ text: String) throws { try Self.send(text, number) }

    private static func send(_ text: String, _ number: CInt) throws {
        var octets = Array(text.utf8)[...]
        while !octets.isEmpty {
            let sent = octets.withUnsafeBytes { Glibc.send(number, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            try Unexpected.unless(sent > 0, "send: errno \(errno)")
            octets = octets.dropFirst(sent)
        }
    }

    /// Sends a request and reads its answer, again and again until an answer says that it is the last. All of it on one
    /// thread, so that no other test's work comes in between.
    ///
    /// - Parameter begin: asked every millisecond whether to begin.
    func exchange(_ request: String, when begin: @escaping @Sendable () -> Bool) async throws -> [Answer] {
        let number = number
        return try await elsewhere { [self] in
            let deadline = ContinuousClock.now + .seconds(10)
            while !begin() {
                try Unexpected.unless(ContinuousClock.now < deadline, "there was nothing to begin for")
                usleep(1000)
            }
            var answers: [Answer] = []
            repeat {
                try Self.send(request, number)
                guard let answer = try answerNow(number, withoutBody: false) else { break }
                answers.append(answer)
            } while answers.last?.closes == false
            return answers
        }
    }

    /// Sends, and cares not whether it arrives.
    func trySend(_ text: String) {
        _ = Array(text.utf8).withUnsafeBytes {
            Glibc.send(number, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT))
        }
    }

    func endHalf() { shutdown(number, CInt(SHUT_WR)) }

    func close() {
        let open = descriptor.withLock { number in
            defer { number = -1 }
            return number
        }
        if open >= 0 { Glibc.close(open) }
    }

    /// Closes so that the server's kernel gets a reset.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(number, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    // MARK: Receiving

    /// Takes in what comes next. Returns how many octets, 0 at the end, -1 after a reset; nil when nothing comes.
    private static func receive(_ number: CInt, within milliseconds: CInt) -> (count: Int, octets: ArraySlice<UInt8>)? {
        var request = pollfd(fd: number, events: CShort(POLLIN), revents: 0)
        guard poll(&request, 1, milliseconds) > 0 else { return nil }
        var octets = [UInt8](repeating: 0, count: 65536)
        let count = recv(number, &octets, octets.count, 0)
        return (count, octets[..<max(count, 0)])
    }

    /// The next answer; nil at the connection's end.
    ///
    /// - Parameter withoutBody: whether the answer has none whatever its length, as to HEAD.
    func answer(withoutBody: Bool = false) async throws -> Answer? {
        let number = number
        return try await elsewhere { [self] in try answerNow(number, withoutBody: withoutBody) }
    }

    private func answerNow(_ number: CInt, withoutBody: Bool) throws -> Answer? {
        while true {
            if let answer = received.withLock({ Self.take(&$0, withoutBody) }) { return answer }
            guard let next = Self.receive(number, within: 10_000) else { throw Unexpected("no answer came") }
            if next.count <= 0 {
                let rest = received.withLock { String(decoding: $0, as: UTF8.self) }
                try Unexpected.unless(rest.isEmpty, "half an answer: \(rest)")
                return nil
            }
            received.withLock { $0 += next.octets }
        }
    }

    private static let endOfHead = Array("\r\n\r\n".utf8)

    private static func take(_ received: inout ArraySlice<UInt8>, _ withoutBody: Bool) -> Answer? {
        guard let end = received.firstRange(of: endOfHead) else { return nil }
        var answer = Answer(head: String(decoding: received[received.startIndex..<end.upperBound], as: UTF8.self))
        let hasBody = !withoutBody && answer.status != 100 && answer.status != 204
        let length = hasBody ? Int(answer.field("Content-Length") ?? "") ?? 0 : 0
        guard received.endIndex >= end.upperBound + length else { return nil }
        answer.body = String(decoding: received[end.upperBound..<end.upperBound + length], as: UTF8.self)
        received = received[(end.upperBound + length)...]
        return answer
    }

    /// All answers to the connection's end.
    func answers() async throws -> [Answer] {
        var answers: [Answer] = []
        while let answer = try await answer() { answers.append(answer) }
        return answers
    }

    /// Whether nothing comes for a while.
    func isSilent(forMilliseconds milliseconds: CInt) async throws -> Bool {
        let number = number
        return try await elsewhere {
            var request = pollfd(fd: number, events: CShort(POLLIN), revents: 0)
            return poll(&request, 1, milliseconds) == 0
        }
    }
}
