import NIOCore
import NIOPosix

/// The threads that loads and raw connections run on: one event loop unless said otherwise, since the server under
/// test needs the other core.
public final class LoadEngine: Sendable {
    /// An engine of one event loop that lives as long as the process.
    public static let shared = LoadEngine(eventLoops: 1)

    let group: MultiThreadedEventLoopGroup
    let loops: [any EventLoop]

    /// Starts the threads.
    public init(eventLoops: Int = 1) {
        group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, eventLoops))
        loops = Array(group.makeIterator())
    }

    /// Ends the threads. Loads should have been stopped, and raw connections closed; a load that was not ends now, with
    /// what it had in work ``Outcome/unfinished`` or ``Outcome/closed``. It must not be asked anything afterwards.
    public func shutdown() async {
        // It fails only for a group that is shut down already.
        try? await group.shutdownGracefully()
    }
}

/// Runs a body with an engine that is shut down afterwards.
public func withLoadEngine<Result: Sendable>(
    eventLoops: Int = 1,
    _ body: (LoadEngine) async throws -> Result
) async throws -> Result {
    let engine = LoadEngine(eventLoops: eventLoops)
    do {
        let result = try await body(engine)
        await engine.shutdown()
        return result
    } catch {
        await engine.shutdown()
        throw error
    }
}
