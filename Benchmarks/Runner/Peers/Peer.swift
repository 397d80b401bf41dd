import Foundation
import Glibc
import SystemdTestKit

/// A server to compare with: a directory below `Benchmarks/peers` with the scripts `build` and `run`.
///
/// `build` makes the server in `$OUT` and says on its last line what it is made of, and what it makes for each answer. `run`
/// becomes the server, on `$PORT` of 127.0.0.1, which waits `$DELAY_MS` before each answer. `$TREE` is a Debian newer than
/// this one, for those that are compiled and run in it.
struct Peer: Sendable {
    var name: String
    /// Whether it can wait before it answers.
    var canWait = true
    /// Whether it is built and run in the newer Debian.
    var isInTree = false

    /// All of them, in the order in which they are measured.
    static let all = [
        Peer(name: "floor"),
        Peer(name: "hyper", isInTree: true),
        Peer(name: "go", isInTree: true),
        Peer(name: "nginx", canWait: false, isInTree: true),
        Peer(name: "hummingbird"),
        Peer(name: "aiohttp"),
        Peer(name: "fastapi"),
        Peer(name: "tornado"),
    ]

    /// Builds it. A failure is kept, to be reported.
    func prepare(_ workplace: Workplace) async -> Server {
        let directory = workplace.source(of: name)
        let environment = Workplace.environment
        var server = Server(
            name: name,
            version: "",
            command: (FileText.read("\(directory)/run").split(separator: "\n").dropFirst().joined(separator: "\n")),
            canWait: canWait,
            directory: directory,
            arguments: { _ in ["./run"] },
            environment: { _ in environment }
        )
        Console.progress("building \(name)")
        do {
            let places = ["OUT": try workplace.output(of: name), "TREE": try workplace.tree]
            server.environment = { settings in
                environment.merging(places) { $1 }.merging(
                    ["PORT": "\(settings.port)", "DELAY_MS": "\(settings.delayMilliseconds)"]
                ) { $1 }
            }
            if isInTree { try await workplace.makeTree() }
            let building = Command(
                ["./build"],
                environment: environment.merging(places) { $1 },
                workingDirectory: directory,
                timeout: .seconds(1200),
                isContained: geteuid() == 0
            )
            let said = try await building.run().successful().output.split(separator: "\n").last
            server.version = said.map(String.init) ?? ""
        } catch {
            server.failure = "\(error)".split(separator: "\n").map { $0.drop { $0 == " " } }.joined(separator: " | ")
        }
        return server
    }
}
