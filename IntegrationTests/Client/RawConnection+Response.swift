import NIOCore

extension RawConnection {
    /// Reads one answer; what comes behind it stays to be read.
    ///
    /// An interim answer (1xx) is an answer of its own: read again for the final one.
    ///
    /// - Parameters:
    ///   - bound: The time for it.
    ///   - toHead: The request was HEAD, so that no body comes, whatever `Content-Length` says.
    /// - Throws: kind `.closed` when the stream ends inside the answer, `.malformed` when this is no HTTP/1.1.
    public func readResponse(
        within bound: Duration = .seconds(10),
        toHead: Bool = false
    ) async throws(RawConnectionError) -> RawResponse {
        try await read(within: bound, "an answer") { handler in
            let view = handler.buffer.readableBytesView
            switch RawResponseParser.parse(view, toHead: toHead, isEnded: handler.end == .endOfFile) {
            case .more:
                return nil
            case .complete(let response, let consumed):
                _ = handler.take(consumed)
                return .success(response)
            case .malformed(let reason):
                return .failure(RawConnectionError(.malformed, "no answer: \(reason)", received: handler.unread))
            }
        }
    }

    /// When the first byte came (monotonic nanoseconds).
    func firstByte() async -> UInt64? {
        // It fails only when the loop is shut down.
        (try? await channel.eventLoop.submit { handler.value.firstByteAt }.get()) ?? nil
    }
}

/// One answer, and how long its parts took.
public struct TimedResponse: Sendable {
    /// The answer.
    public var response: RawResponse
    /// From the first attempt to connect to the connection.
    public var connectTime: Duration
    /// From the request's send to the first byte of the answer.
    public var timeToFirstByte: Duration
    /// From the first attempt to connect to the end of the answer.
    public var totalTime: Duration
}

extension LoadEngine {
    /// Asks once, on a connection of its own that the server is asked to close.
    ///
    /// - Parameters:
    ///   - target: Whom to ask.
    ///   - path: The request target.
    ///   - method: The method; HEAD is known to bring no body.
    ///   - headers: Further fields. A `Host` or `Connection` here takes the place of the usual one.
    ///   - body: The body, sent with its length.
    ///   - bound: The time for connecting, and then for the answer.
    public func get(
        _ target: Target,
        path: String = "/",
        method: String = "GET",
        headers: [(name: String, value: String)] = [],
        body: [UInt8]? = nil,
        within bound: Duration = .seconds(10)
    ) async throws(RawConnectionError) -> TimedResponse {
        var request = "\(method) \(path) HTTP/1.1\r\n"
        let names = headers.map { $0.name.lowercased() }
        if !names.contains("host") { request += "Host: \(target.hostField)\r\n" }
        if !names.contains("connection") { request += "Connection: close\r\n" }
        if let body, !names.contains("content-length") { request += "Content-Length: \(body.count)\r\n" }
        for field in headers { request += "\(field.name): \(field.value)\r\n" }
        request += "\r\n"

        let start = monotonicNow()
        let connection = try await RawConnection.connect(to: target, within: bound, on: self)
        do throws(RawConnectionError) {
            let sent = monotonicNow()
            try await connection.send([UInt8](request.utf8) + (body ?? []), within: bound)
            let response = try await connection.readResponse(within: bound, toHead: method == "HEAD")
            let end = monotonicNow()
            let first = await connection.firstByte() ?? end
            await connection.close()
            return TimedResponse(
                response: response,
                connectTime: connection.connectTime,
                timeToFirstByte: .nanoseconds(Int64(clamping: first - sent)),
                totalTime: .nanoseconds(Int64(clamping: end - start))
            )
        } catch {
            await connection.close()
            throw error
        }
    }
}
