import Foundation
import Glibc
import SystemdTestKit

/// Where things are: the package, and what the benchmark makes below `.build/bench`.
struct Workplace: Sendable {
    struct NoPackage: Error, CustomStringConvertible {
        let description = "no Package.swift above this program or the working directory"
    }

    /// The package's directory.
    let root: String
    /// This program.
    let program: String

    init() throws {
        let manager = FileManager.default
        program = try manager.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let candidates = [program, manager.currentDirectoryPath + "/."].flatMap { start in
            sequence(first: URL(fileURLWithPath: start)) { $0.path == "/" ? nil : $0.deletingLastPathComponent() }
        }
        guard let root = candidates.first(where: { manager.fileExists(atPath: $0.path + "/Package.swift") }) else {
            throw NoPackage()
        }
        self.root = root.path
    }

    /// The directory of a peer's files.
    func source(of peer: String) -> String { "\(root)/Benchmarks/peers/\(peer)" }

    /// The directory in which a peer is built, made if it is not there.
    func output(of peer: String) throws -> String {
        let path = "\(root)/.build/bench/\(peer)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    /// A Debian newer than this one.
    var tree: String { get throws { try output(of: "trees") + "/trixie" } }

    /// Makes that, if it is not there.
    func makeTree() async throws {
        try await Command(
            ["\(root)/Benchmarks/peers/trixie-tree", try tree],
            environment: Self.environment,
            timeout: .seconds(1200),
            isContained: geteuid() == 0
        ).run().successful()
    }

    /// What has wrk count its requests aloud.
    var marks: String { "\(root)/Benchmarks/marks.lua" }

    /// Where `swift` is, for the peer that is built with it.
    private static var toolchain: String? {
        let paths = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        return paths.first { access("\($0)/swift", X_OK) == 0 }
    }

    /// Debian's programs before any others of the same name.
    static let environment = [
        "PATH": "/usr/bin:/usr/sbin:/bin:/sbin\(toolchain.map { ":" + $0 } ?? "")", "LANG": "C.UTF-8",
        "HOME": ProcessInfo.processInfo.environment["HOME"] ?? "/",
    ]

    /// Lets this process, and all that it starts, open as many descriptors as it may.
    static func allowMostDescriptors() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(resource, &limit)
    }
}
