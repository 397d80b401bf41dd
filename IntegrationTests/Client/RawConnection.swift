import NIOCore
import NIOPosix

/// A connection on which a scenario says byte for byte what is sent, and looks byte for byte at what comes back.
///
/// Half-closing is allowed either way: an EOF from the other side ends reading, not writing. All waits are bounded,
/// and all but that for a connection end when the task is cancelled. It must be closed with ``close()`` or ``reset()``, or used by
/// ``withConnection(to:within:readsAtOnce:receiveBuffer:on:_:)``.
public struct RawConnection: Sendable {
    /// How the other side ended the stream.
    public enum End: Sendable, Equatable {
        /// EOF: it sent a FIN.
        case endOfFile
        /// It sent a RST.
        case reset
    }

    let channel: any Channel
    let handler: NIOLoopBound<RawConnectionHandler>
    /// How long connecting took.
    public let connectTime: Duration

    /// Connects.
    ///
    /// - Parameters:
    ///   - target: Where to.
    ///   - bound: The time for it, in which a full queue of a Unix socket is tried again.
    ///   - readsAtOnce: Whether what comes is taken from the kernel at once; see ``setReading(_:)``.
    ///   - receiveBuffer: `SO_RCVBUF` in bytes, set before connecting; nil for the system's default.
    ///   - engine: Where to run.
    public static func connect(
        to target: Target,
        within bound: Duration = .seconds(10),
        readsAtOnce: Bool = true,
        receiveBuffer: Int? = nil,
        on engine: LoadEngine = .shared
    ) async throws(RawConnectionError) -> RawConnection {
        let address: SocketAddress
        do {
            address = try target.socketAddress()
        } catch {
            throw RawConnectionError(.clientError, error.description)
        }
        let loop = engine.loops[0]
        let start = monotonicNow()
        let end = ContinuousClock.now + bound
        while true {
            do {
                let made = try await open(
                    address,
                    loop,
                    within: end - ContinuousClock.now,
                    readsAtOnce: readsAtOnce,
                    receiveBuffer: receiveBuffer
                )
                let took = Duration.nanoseconds(Int64(clamping: monotonicNow() - start))
                return RawConnection(channel: made.0, handler: made.1, connectTime: took)
            } catch let error as RawConnectionError {
                throw error
            } catch {
                guard target.isUnix, ConnectFault.isQueueFull(error) else { throw classify(error) }
                guard ContinuousClock.now < end else {
                    throw RawConnectionError(.timedOut, "connect: the listener's queue stayed full")
                }
                do {
                    try await Task.sleep(for: .milliseconds(2))
                } catch {
                    throw RawConnectionError(.cancelled, "the task was cancelled")
                }
            }
        }
    }

    private static func open(
        _ address: SocketAddress,
        _ loop: any EventLoop,
        within bound: Duration,
        readsAtOnce: Bool,
        receiveBuffer: Int?
    ) async throws -> (any Channel, NIOLoopBound<RawConnectionHandler>) {
        try Task.checkCancellation()
        // Made before: a connection that is reset at once has none in its pipeline any more.
        let handler = try await loop.submit { NIOLoopBound(RawConnectionHandler(), eventLoop: loop) }.get()
        var bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(.nanoseconds(max(1, bound.wholeNanoseconds)))
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.autoRead, value: readsAtOnce)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(handler.value)
                }
            }
        if let receiveBuffer {
            let size = ChannelOptions.Types.SocketOption.Value(receiveBuffer)
            bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: size)
        }
        return (try await bootstrap.connect(to: address).get(), handler)
    }

    private static func classify(_ error: any Error) -> RawConnectionError {
        if error is CancellationError { return RawConnectionError(.cancelled, "the task was cancelled") }
        if case .some(.connectTimeout) = error as? ChannelError {
            return RawConnectionError(.timedOut, "connect: no connection in time")
        }
        let text = ConnectFault.text(of: error)
        switch ConnectFault.outcome(of: error) {
        case .refused: return RawConnectionError(.refused, text)
        case .reset: return RawConnectionError(.reset, text)
        case .timedOut: return RawConnectionError(.timedOut, text)
        default: return RawConnectionError(.clientError, text)
        }
    }

    /// Connects, runs a body, and closes.
    public static func withConnection<Result>(
        to target: Target,
        within bound: Duration = .seconds(10),
        readsAtOnce: Bool = true,
        receiveBuffer: Int? = nil,
        on engine: LoadEngine = .shared,
        _ body: (RawConnection) async throws -> Result
    ) async throws -> Result {
        let connection = try await connect(
            to: target,
            within: bound,
            readsAtOnce: readsAtOnce,
            receiveBuffer: receiveBuffer,
            on: engine
        )
        do {
            let result = try await body(connection)
            await connection.close()
            return result
        } catch {
            await connection.close()
            throw error
        }
    }
}
