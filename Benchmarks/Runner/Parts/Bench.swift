import BenchmarkResults
import Glibc
import HarnessReport
import Synchronization

/// What every part measures with.
struct Bench: Sendable {
    let workplace: Workplace
    let servers: [Server]
    let rounds: Int
    let cores: Cores

    /// Settings of a server that has one core.
    func pinnedServer(delayMilliseconds: Int = 0) -> ServerSettings {
        ServerSettings(port: Self.freePort(), delayMilliseconds: delayMilliseconds, cores: [cores.server])
    }

    /// Measures servers in turn, round after round, so that what the machine does meanwhile meets them all. Each round
    /// begins with another server.
    ///
    /// A server that fails is left out from then on, with the reason as its remark.
    func interleaved(
        _ part: PartResult,
        servers names: [String]? = nil,
        waits: Bool = false,
        _ measure: (Server) async throws -> [String: Double]
    ) async throws -> PartResult {
        var result = part
        let turn = servers.filter { names?.contains($0.name) ?? true }
        var left = Set(turn.map(\.name))
        // The rows stand in the order of the servers, whoever was measured first.
        for server in turn { result.addRow(server.name) }
        for round in 1...rounds {
            for server in turn.rotated(round: round) where left.contains(server.name) {
                do {
                    if let failure = server.failure { throw RunningServer.Failure(description: failure) }
                    guard server.canWait || !waits else { throw RunningServer.Failure(description: "cannot wait") }
                    let figures = try await measure(server)
                    result.record(figures, of: server.name)
                    Self.say(part, round, rounds, server.name, figures)
                } catch {
                    try Task.checkCancellation()
                    left.remove(server.name)
                    result.remark("\(error)", on: server.name)
                    Console.progress("\(part.id): \(server.name): \(error)")
                }
            }
        }
        return result
    }

    /// A line for each measurement.
    static func say(_ part: PartResult, _ round: Int, _ rounds: Int, _ server: String, _ figures: [String: Double]) {
        let texts = part.metrics.compactMap { metric in
            figures[metric.key].map { "\(metric.title) \(Formatting.number($0)) \(metric.unit)" }
        }
        Console.progress("\(part.id) \(round)/\(rounds) \(server): \(texts.joined(separator: ", "))")
    }

    private static let lastPort = Mutex(18_000)

    /// A port that nobody listens on, below those that the kernel gives to clients, and another each time.
    static func freePort() -> Int {
        lastPort.withLock { port in
            repeat { port += 1 } while !isFree(port)
            return port
        }
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
