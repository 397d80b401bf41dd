import CLinux
import Glibc
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

    /// Has the threads connect from another network namespace, whichever this process is in.
    ///
    /// - Parameter path: The namespace's file, `/proc/<pid>/ns/net` (network_namespaces(7)).
    /// - Throws: ``NetworkUnreachable`` when it cannot be entered, which takes root.
    func enterNetwork(_ path: String) async throws(NetworkUnreachable) {
        for loop in loops {
            let entered = loop.submit { () -> Int32 in
                let descriptor = open(path, O_RDONLY | O_CLOEXEC)
                guard descriptor >= 0 else { return errno }
                defer { close(descriptor) }
                return clinux_enter_network(descriptor) == 0 ? 0 : errno
            }
            // A loop that was just started does not fail.
            let code = (try? await entered.get()) ?? ECANCELED
            guard code == 0 else { throw NetworkUnreachable(path: path, code: code) }
        }
    }

    /// Ends the threads. Loads should have been stopped, and raw connections closed; a load that was not ends now, with
    /// what it had in work ``Outcome/unfinished`` or ``Outcome/closed``. It must not be asked anything afterwards.
    public func shutdown() async {
        // It fails only for a group that is shut down already.
        try? await group.shutdownGracefully()
    }
}

/// A network namespace that the client's threads cannot enter.
public struct NetworkUnreachable: Error, CustomStringConvertible {
    /// The namespace's file.
    public let path: String
    /// Why, as `errno`.
    public let code: Int32

    /// Both, in a line.
    public var description: String { "cannot enter the network of \(path): \(String(cString: strerror(code)))" }
}

/// Runs a body with an engine that is shut down afterwards.
///
/// - Parameters:
///   - eventLoops: How many threads.
///   - network: The file of the network namespace to connect from, such as a private machine's; `nil` is this process's own.
///   - body: What to do with it.
/// - Throws: ``NetworkUnreachable``, and what `body` throws.
public func withLoadEngine<Result: Sendable>(
    eventLoops: Int = 1,
    network: String? = nil,
    _ body: (LoadEngine) async throws -> Result
) async throws -> Result {
    let engine = LoadEngine(eventLoops: eventLoops)
    do {
        if let network { try await engine.enterNetwork(network) }
        let result = try await body(engine)
        await engine.shutdown()
        return result
    } catch {
        await engine.shutdown()
        throw error
    }
}
