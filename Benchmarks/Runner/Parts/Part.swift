import BenchmarkResults

/// The parts of the benchmark, in their order.
enum Part: String, CaseIterable, Sendable {
    case keepalive, waiting, memory, idle, connections, coldstart, restart, accesslog, loops

    /// Measures it. Waiting and memory come from one measurement.
    func measure(_ bench: Bench) async throws -> [PartResult] {
        Console.say("")
        switch self {
        case .keepalive: return [try await KeepAlive.measure(bench)]
        case .waiting, .memory: return try await Waiting.measure(bench)
        case .idle: return [try await IdleConnections.measure(bench)]
        case .connections: return [try await Connections.measure(bench)]
        case .coldstart: return [try await InMachine.coldStart(bench)]
        case .restart: return [try await InMachine.restart(bench)]
        case .accesslog: return [try await InMachine.accessLog(bench)]
        case .loops: return [try await Loops.measure(bench)]
        }
    }
}
