import AsyncHTTPClient
import Greeting
import HTTPEndpoints
import NIOCore
import NIOHTTP1
import Synchronization

/// Takes in one answer, up to a bound, and checks it as it comes: on the client's own event loop, piece by piece, so that
/// whoever serves others has nothing left to do with it but to pass it on.
final class AnswerCollector: HTTPClientResponseDelegate {
    /// The content is larger than is taken.
    struct TooLarge: Error {}

    private struct State {
        var hasConnection = false
        var head: HTTPResponseHead?
        var body: [UInt8] = []
        var text = JSONText()
    }

    private let state = Mutex(State())
    private let maximumBody: Int

    init(maximumBody: Int) {
        self.maximumBody = maximumBody
    }

    /// Whether there was a connection to ask over.
    var hasConnection: Bool { state.withLock { $0.hasConnection } }

    /// Whether anything of an answer has come.
    var hasBegun: Bool { state.withLock { $0.head != nil } }

    /// Whether the connection may be used again, for all that the answer says.
    var keepsConnection: Bool { state.withLock { $0.head?.isKeepAlive ?? false } }

    func didSendRequestHead(task: HTTPClient.Task<UpstreamAnswer>, _ head: HTTPRequestHead) {
        state.withLock { $0.hasConnection = true }
    }

    func didReceiveHead(
        task: HTTPClient.Task<UpstreamAnswer>,
        _ head: HTTPResponseHead
    ) -> EventLoopFuture<Void> {
        let announced = head.headers.first(name: "Content-Length").flatMap { Int($0) } ?? 0
        state.withLock { $0.head = head }
        guard announced <= maximumBody else { return task.eventLoop.makeFailedFuture(TooLarge()) }
        state.withLock { $0.body.reserveCapacity(max(0, announced)) }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveBodyPart(task: HTTPClient.Task<UpstreamAnswer>, _ part: ByteBuffer) -> EventLoopFuture<Void> {
        let fits = state.withLock { state in
            guard state.body.count + part.readableBytes <= maximumBody else { return false }
            part.withUnsafeReadableBytes { octets in
                state.body.append(contentsOf: octets)
                state.text.read(octets)
            }
            return true
        }
        return fits ? task.eventLoop.makeSucceededVoidFuture() : task.eventLoop.makeFailedFuture(TooLarge())
    }

    func didFinishRequest(task: HTTPClient.Task<UpstreamAnswer>) throws -> UpstreamAnswer {
        try state.withLock { state in
            guard let head = state.head else { throw HTTPClientError.remoteConnectionClosed }
            return UpstreamAnswer(
                status: Int(head.status.code),
                body: state.body,
                isJSON: state.text.isWhole,
                coding: Self.coding(head.headers)
            )
        }
    }

    /// IANA's content codings (RFC 9110 section 8.4.1). Another name would be words of the upstream's own.
    private static let knownCodings = [
        "aes128gcm", "br", "compress", "dcb", "dcz", "deflate", "exi", "gzip",
        "pack200-gzip", "x-compress", "x-gzip", "zstd",
    ]

    /// The outermost coding, or nil where there is none.
    private static func coding(_ headers: HTTPHeaders) -> String? {
        let codings = headers[canonicalForm: "Content-Encoding"].map { $0.lowercased() }.filter {
            !$0.isEmpty && $0 != "identity"
        }
        guard let last = codings.last else { return nil }
        return knownCodings.contains(last) ? last : "unknown"
    }
}
