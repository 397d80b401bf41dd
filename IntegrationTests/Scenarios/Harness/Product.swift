import Foundation
import Glibc
import SystemdTestKit

/// The package under test: where it is, how it is built, and how it is installed.
struct Product: Sendable {
    /// Something about the package is not as it must be.
    struct ProductError: Error, CustomStringConvertible {
        let description: String
    }

    let root: String
    private let configuration: String
    private let binPath: String?

    /// Finds the package above this program, or above the working directory.
    init(configuration: String, binPath: String?) throws {
        self.configuration = configuration
        self.binPath = binPath.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
        let manager = FileManager.default
        let executable = (try? manager.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let starts = [executable, manager.currentDirectoryPath + "/."]
        let candidates = starts.flatMap { start in
            sequence(first: URL(fileURLWithPath: start)) { $0.path == "/" ? nil : $0.deletingLastPathComponent() }
        }
        guard let root = candidates.first(where: { manager.fileExists(atPath: $0.path + "/Package.swift") }) else {
            throw ProductError(description: "no Package.swift above \(executable) or the working directory")
        }
        self.root = root.path
    }

    /// The standard library is linked in: there is one file to install then, wherever the toolchain lives. One in a home
    /// directory could not be read by a sandboxed daemon.
    private var buildArguments: [String] {
        ["swift", "build", "--configuration", configuration, "--static-swift-stdlib"]
    }

    /// Builds a product, with one line of progress.
    func build(_ name: String, _ terminal: Terminal) async throws {
        let what = "building \(name) (\(configuration))"
        terminal.begin(what)
        let result = try await Command(
            buildArguments + ["--product", name],
            workingDirectory: root,
            timeout: nil,
            isContained: true
        ) { _, line in
            if line.hasPrefix("[") { terminal.activity("\(what): \(line)") }
        }.run()
        try result.successful()
    }

    /// Where a built product is.
    func path(of name: String) async throws -> String {
        if let binPath { return "\(binPath)/\(name)" }
        let shown = try await Command(buildArguments + ["--show-bin-path"], workingDirectory: root).run().successful()
        return "\(shown.trimmed)/\(name)"
    }

    /// Installs the product with its own makefile.
    /// - Parameter destination: The root of the tree to install in; empty is this host's.
    func install(destination: String) async throws {
        try await make("install", ["DESTDIR=\(destination)", "HELLOD=\(try await path(of: "hellod"))"])
    }

    /// Copies what `make install` runs and installs to where scenarios find it, wherever the package itself is.
    func copyInstaller(to destination: String) async throws {
        let directory = "\(destination)\(Self.installer)"
        try await Command(["mkdir", "-p", directory]).run().successful()
        try await Command(["cp", "-R", "\(root)/scripts", "\(root)/deploy", directory]).run().successful()
    }

    /// Where ``copyInstaller(to:)`` copies to.
    static let installer = "/usr/local/libexec/hello-tests/installer"

    /// The command that takes an installation on this host back.
    var uninstallCommand: [String] { ["make", "-C", root, "uninstall", "DESTDIR=", "PREFIX=/usr/local"] }

    private func make(_ target: String, _ variables: [String]) async throws {
        guard FileManager.default.fileExists(atPath: "\(root)/Makefile") else {
            throw ProductError(description: "\(root) has no Makefile to install the product with")
        }
        try await Command(["make", "-C", root, target, "PREFIX=/usr/local"] + variables, timeout: .seconds(120))
            .run().successful()
    }
}
