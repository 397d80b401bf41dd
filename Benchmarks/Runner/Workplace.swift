import Foundation
import Glibc
import TestMachine

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

    /// What has wrk count its requests aloud.
    var marks: String { "\(root)/Benchmarks/marks.lua" }

    /// Debian's programs before any others of the same name.
    static let environment = [
        "PATH": "/usr/bin:/usr/sbin:/bin:/sbin", "LANG": "C.UTF-8",
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
