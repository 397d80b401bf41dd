import AsyncHTTPClient
public import Greeting
public import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// Calls upstreams with async-http-client, on an event loop that is there already. TLS certificates are verified.
///
/// The client is made with the first call: a daemon without upstreams has neither its memory nor its start-up cost.
public final class HTTPUpstreamClient: UpstreamClient {
    private let eventLoop: any EventLoop
    private let client = Mutex<HTTPClient?>(nil)

    /// Creates a client that runs on an event loop of NIOPosix, and starts nothing. Callers may be on any other: each is
    /// resumed where it was.
    public init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// Closes the connections that are kept for later calls.
    public func shutdown() async {
        let client = client.withLock { client in
            defer { client = nil }
            return client
        }
        // It fails for calls that are still going on, and ends them: which is what is wanted.
        try? await client?.shutdown()
    }

    /// Gets an upstream's URL. See ``Greeting/UpstreamClient``.
    public func get(
        _ upstream: Upstream,
        fields: [(String, String)],
        maximumBody: Int
    ) async throws -> UpstreamAnswer {
        // The library's own asynchronous calls start tasks on the concurrency pool, and so its threads. This way all
        // of it stays on the event loop.
        let call: HTTPClient.Task<HTTPClient.Response>
        do {
            let headers = HTTPHeaders([("Accept", "application/json"), ("User-Agent", "hellod")] + fields)
            let request = try HTTPClient.Request(url: upstream.url, headers: headers)
            let accumulator = ResponseAccumulator(request: request, maxBodySize: maximumBody)
            call = shared.execute(request: request, delegate: accumulator, eventLoop: .delegate(on: eventLoop))
        } catch {
            throw UpstreamFailure(error, maximumBody)
        }
        // The caller bounds the time, by cancelling.
        return try await withTaskCancellationHandler {
            do {
                let response = try await call.get()
                let body = response.body.map { Array($0.readableBytesView) } ?? []
                return UpstreamAnswer(status: Int(response.status.code), body: body)
            } catch {
                // What a cancelled call throws is the library's own.
                if Task.isCancelled { throw CancellationError() }
                throw UpstreamFailure(error, maximumBody)
            }
        } onCancel: {
            call.cancel()
        }
    }

    private var shared: HTTPClient {
        client.withLock { client in
            if let client { return client }
            var configuration = HTTPClient.Configuration()
            // Only what is configured is called: no redirect leads elsewhere, no variable names a proxy.
            configuration.redirectConfiguration = .disallow
            configuration.decompression = .disabled
            configuration.httpVersion = .http1Only
            // A refused connection is told at once instead of tried again until the time is up.
            configuration.connectionPool.retryConnectionEstablishment = false
            // How many calls there may be is bounded by the caller, over all upstreams; the library's bound of 8 for
            // each host would make calls wait behind others that hang.
            configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1 << 16
            configuration.tlsConfiguration = .makeClientConfiguration()
            let made = HTTPClient(eventLoopGroupProvider: .shared(eventLoop), configuration: configuration)
            client = made
            return made
        }
    }
}

extension UpstreamFailure {
    /// Says what an error of the client means, without what an upstream may have put into its text.
    fileprivate init(_ error: any Error, _ maximumBody: Int) {
        switch error {
        case is ResponseAccumulator.ResponseTooBigError:
            self.init(type: "too_large", message: "The content is larger than \(maximumBody) octets.")
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            self.init(type: "tls", message: "The TLS handshake failed: the certificate is not valid, or not trusted.")
        case let error as HTTPClientError where error == .tlsHandshakeTimeout:
            self.init(type: "tls", message: "The TLS handshake took too long.")
        case let error as HTTPClientError where error == .connectTimeout || error == .getConnectionFromPoolTimeout:
            self.init(type: "connect", message: "The connection could not be made in time.")
        case let error as HTTPClientError where error == .remoteConnectionClosed:
            self.init(type: "protocol", message: "The connection was closed before the answer was whole.")
        case is HTTPParserError, is HTTPClientError:
            self.init(type: "protocol", message: "The answer is not valid HTTP.")
        case let error as NIOConnectionError where error.dnsAError != nil || error.dnsAAAAError != nil:
            self.init(type: "connect", message: "The host's name could not be resolved.")
        case is NIOConnectionError, is IOError, is ChannelError:
            self.init(type: "connect", message: "The connection could not be made, or broke.")
        default:
            self.init(type: "protocol", message: "The call failed.")
        }
    }
}
