import ArgumentParser
import BenchmarkResults
import Foundation
import SystemdTestKit

/// The whole run: prepare, measure, report.
struct RunBenchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "run", abstract: "Measures (the default).")

    @Option(
        help: "Run only these parts, separated by commas: \(Part.allCases.map(\.rawValue).joined(separator: ", "))."
    )
    var only: String?

    @Option(help: "Measure hello beside these peers only, separated by commas, or 'none'.")
    var peers: String?

    @Option(help: "Rounds of each measurement.")
    var rounds = 5

    @Option(help: "Take this hellod instead of building one.", completion: .file())
    var hellod: String?

    @Option(help: "Write report.html and results.json to this directory.", completion: .directory)
    var output = ".build/bench/report"

    func validate() throws {
        guard rounds > 0 else { throw ValidationError("--rounds must be at least 1") }
        _ = try parts
        _ = try chosenPeers
    }

    private var parts: [Part] {
        get throws {
            guard let only else { return Part.allCases }
            let names = only.split(separator: ",").map(String.init)
            for name in names where Part(rawValue: name) == nil {
                throw ValidationError("--only: there is no part '\(name)'")
            }
            return Part.allCases.filter { names.contains($0.rawValue) }
        }
    }

    private var chosenPeers: [Peer] {
        get throws {
            guard let peers else { return Peer.all }
            let names = peers.split(separator: ",").map(String.init).filter { $0 != "none" }
            for name in names where !Peer.all.contains(where: { $0.name == name }) {
                throw ValidationError("--peers: there is no peer '\(name)'")
            }
            return Peer.all.filter { names.contains($0.name) }
        }
    }

    func run() async throws {
        let parts = try parts
        let peers = try chosenPeers
        let result = await Interruption.run {
            try await Session(options: self, parts: parts, peers: peers).run()
        }
        switch result {
        case .success(let wasMeasured):
            throw wasMeasured ? ExitCode.success : ExitCode.failure
        case .failure(let interruption as Interruption):
            Console.complain("ended by signal \(interruption.signal)")
            throw ExitCode(128 + interruption.signal)
        case .failure(let error):
            Console.complain("\(error)")
            throw ExitCode.failure
        }
    }
}
