import BenchmarkResults
import Foundation
import Glibc
import SystemdTestKit

/// One run from building to reporting.
struct Session: Sendable {
    let options: RunBenchmarks
    let parts: [Part]
    let peers: [Peer]

    /// - Returns: Whether hello was measured in every part that ran.
    func run() async throws -> Bool {
        let started = ContinuousClock.now
        let workplace = try Workplace()
        Workplace.allowMostDescriptors()
        var servers = [try await Hello.prepare(workplace, program: options.hellod)]
        for peer in peers { servers.append(await peer.prepare(workplace)) }
        let cores = try Cores.current()
        let bench = Bench(workplace: workplace, servers: servers, rounds: options.rounds, cores: cores)
        for server in servers { Console.say("  \(server.name): \(server.failure ?? server.version)") }

        var run = BenchmarkRun(facts: try await Machine.facts(bench, options), servers: servers.map(\.description))
        for part in parts where !run.parts.contains(where: { $0.id == part.rawValue }) {
            // Waiting and memory are measured in one go.
            run.parts += try await part.measure(bench).filter { result in parts.contains { $0.rawValue == result.id } }
        }
        run.facts.append(.init("took", "\(Int((ContinuousClock.now - started) / .seconds(1))) s"))
        return try report(run, bench)
    }

    private func report(_ run: BenchmarkRun, _ bench: Bench) throws -> Bool {
        let judgements = Goal.all(spareCores: bench.cores.all.count - 2).compactMap { $0.judge(run) }
        Console.say("\n" + TextTable(run, judgements).text)
        let directory = URL(fileURLWithPath: options.output, isDirectory: true)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let files = [
            ("report.html", Page(run, judgements).text),
            ("results.json", try JSONDocument(run, judgements).text()),
        ]
        for (name, text) in files {
            let file = directory.appendingPathComponent(name)
            try Data(text.utf8).write(to: file)
            Console.say("wrote \(file.path)")
        }
        let missing = run.parts.filter { part in
            part.metrics.first.flatMap { part.row("hello")?.summary($0.key) } == nil
        }
        for part in missing { Console.complain("hello could not be measured in \(part.id)") }
        return missing.isEmpty
    }
}
