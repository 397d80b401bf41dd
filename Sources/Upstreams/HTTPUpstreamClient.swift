import AsyncHTTPClient
import Glibc
public import Greeting
public import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization

/// Calls upstreams with async-http-client, on an event loop that is there already. TLS certificates are verified.
///
/// What makes the calls is made with the first one: a daemon without upstreams has neither its memory nor its start-up cost.
public final class HTTPUpstreamClient: UpstreamClient {
    /// How long a connection may take to be made, and lie unused.
    private static let connectTimeout = TimeAmount.seconds(10)
    private static let idleTimeout = TimeAmount.seconds(60)

    /// Two clients of the library, which knows no request that leaves its connection to nobody.
    private struct Clients {
        /// Keeps connections for later calls.
        let keeping: HTTPClient
        /// Has a new connection for each call, and closes it.
        let single: HTTPClient
    }

    private let eventLoop: any EventLoop
    private let clients = Mutex<Clients?>(nil)
    private let pool: Mutex<PoolReckoning>

    /// Creates a client that runs on an event loop of NIOPosix, and starts nothing. Callers may be on any other: each is
    /// resumed where it was.
    ///
    /// - Parameters:
    ///   - eventLoop: Where its connections are.
    ///   - keptConnections: Connections, those in use included, past which none is kept for later calls.
    public init(eventLoop: any EventLoop, keptConnections: Int = 64) {
        self.eventLoop = eventLoop
        let lifetime = Self.connectTimeout + Self.idleTimeout + .seconds(1)
        pool = Mutex(PoolReckoning(limit: keptConnections, lifetime: lifetime))
    }

    /// Changes how many connections are kept; those that are more go as they come to lie unused for too long.
    public func keep(connections: Int) { pool.withLock { $0.limit = connections } }

    /// Closes the connections that are kept for later calls.
    public func shutdown() async {
        let clients = clients.withLock { clients in
            defer { clients = nil }
            return clients
        }
        // It fails for calls that are still going on, and ends them: which is what is wanted.
        try? await clients?.keeping.shutdown()
        try? await clients?.single.shutdown()
    }

    /// Gets an upstream's URL. See `UpstreamClient` of `Greeting`.
    public func get(
        _ upstream: Upstream,
        fields: [(String, String)],
        maximumBody: Int
    ) async throws -> UpstreamAnswer {
        let own = [("Accept", "application/json"), ("Accept-Encoding", "identity"), ("User-Agent", "hellod")]
        let headers = HTTPHeaders(own + fields)
        let host = upstream.address
        let lease = pool.withLock { $0.begin(host, at: .now()) }
        if lease == .single { return try await getOnce(upstream, headers, maximumBody) }
        let collector = AnswerCollector(maximumBody: maximumBody)
        do {
            let answer = try await call(shared.keeping, upstream, headers, collector)
            pool.withLock { $0.end(host, leaves: collector.keepsConnection, at: .now()) }
            return answer
        } catch {
            // The connection of one that failed is closed; but one that is given up while it connects leaves it behind.
            let leaves = !collector.hasConnection && error as? HTTPClientError == .cancelled
            pool.withLock { $0.end(host, leaves: leaves, at: .now()) }
            // The other side had closed a connection that lay in the pool, which nobody knew before it was used. To GET
            // something twice is harmless (RFC 9110 section 9.2.2); a connection of its own cannot be dead as well.
            if lease == .kept, !collector.hasBegun, Self.meansClosed(error) {
                return try await getOnce(upstream, headers, maximumBody)
            }
            throw Self.failure(error, maximumBody)
        }
    }

    /// Gets it on a connection of its own.
    private func getOnce(_ upstream: Upstream, _ headers: HTTPHeaders, _ maximumBody: Int) async throws
        -> UpstreamAnswer
    {
        do {
            var headers = headers
            headers.add(name: "Connection", value: "close")
            return try await call(shared.single, upstream, headers, AnswerCollector(maximumBody: maximumBody))
        } catch {
            throw Self.failure(error, maximumBody)
        }
    }

    private func call(
        _ client: HTTPClient,
        _ upstream: Upstream,
        _ headers: HTTPHeaders,
        _ collector: AnswerCollector
    ) async throws -> UpstreamAnswer {
        // The library's own asynchronous calls start tasks on the concurrency pool, and so its threads. This way all
        // of it stays on the event loop.
        let request = try HTTPClient.Request(url: upstream.url, headers: headers)
        let call = client.execute(request: request, delegate: collector, eventLoop: .delegate(on: eventLoop))
        // The caller bounds the time, by cancelling.
        return try await withTaskCancellationHandler {
            try await call.get()
        } onCancel: {
            call.cancel()
        }
    }

    private var shared: Clients {
        clients.withLock { clients in
            if let clients { return clients }
            var configuration = HTTPClient.Configuration()
            // Only what is configured is called: no redirect leads elsewhere, no variable names a proxy.
            configuration.redirectConfiguration = .disallow
            configuration.decompression = .disabled
            configuration.httpVersion = .http1Only
            configuration.timeout.connect = Self.connectTimeout
            configuration.connectionPool.idleTimeout = Self.idleTimeout
            // A refused connection is told at once instead of tried again until the time is up.
            configuration.connectionPool.retryConnectionEstablishment = false
            // How many calls there may be is bounded by the caller, over all upstreams; the library's bound of 8 for
            // each host would make calls wait behind others that hang.
            configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1 << 16
            configuration.tlsConfiguration = .makeClientConfiguration()
            let keeping = HTTPClient(eventLoopGroupProvider: .shared(eventLoop), configuration: configuration)
            configuration.maximumUsesPerConnection = 1
            let single = HTTPClient(eventLoopGroupProvider: .shared(eventLoop), configuration: configuration)
            let made = Clients(keeping: keeping, single: single)
            clients = made
            return made
        }
    }
}

// MARK: What an error means

extension HTTPUpstreamClient {
    private static func failure(_ error: any Error, _ maximumBody: Int) -> any Error {
        // What a cancelled call throws is the library's own.
        Task.isCancelled ? CancellationError() : UpstreamFailure(error, maximumBody: maximumBody)
    }

    /// Whether a connection that was there is no more.
    private static func meansClosed(_ error: any Error) -> Bool {
        if Task.isCancelled { return false }
        return switch error {
        case let error as HTTPClientError: error == .remoteConnectionClosed
        case let error as IOError: [ECONNRESET, EPIPE, ENOTCONN].contains(error.errnoCode)
        case is ChannelError: true
        default: false
        }
    }
}
