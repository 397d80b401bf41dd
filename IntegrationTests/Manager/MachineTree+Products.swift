import Foundation

extension MachineTree {
    /// Copies a program of the package under test, which lies beside this program: a test target that depends on it has it
    /// built. The toolchain's libraries that it links go beside the copy, where it finds them in any tree and sandbox.
    /// - Throws: ``MachineError/cannotInstall(path:reason:)``
    public func install(product name: String, to file: String) async throws {
        let program = try Self.program(name, for: file)
        try await install(program, to: file)
        let directory = (file as NSString).deletingLastPathComponent
        for library in Self.toolchainLibraries(in: try await Command(["ldd", program]).run().output) {
            try await install(library, to: "\(directory)/\((library as NSString).lastPathComponent)")
        }
    }

    private static func program(_ name: String, for file: String) throws(MachineError) -> String {
        // A bundle of tests lies where the package's other programs do.
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let program = "\((own as NSString).deletingLastPathComponent)/\(name)"
        guard FileManager.default.isExecutableFile(atPath: program) else {
            let advice = "does the test target depend on the executable target '\(name)'?"
            throw .cannotInstall(path: file, reason: "there is no program \(program): \(advice)")
        }
        return program
    }

    /// The libraries of a Swift toolchain in what ldd(1) says of a program; none where they are linked into it.
    static func toolchainLibraries(in listing: String) -> [String] {
        listing.split(separator: "\n").compactMap { line in
            // libswiftCore.so => /opt/swift/usr/lib/swift/linux/libswiftCore.so (0x00007f…)
            guard let arrow = line.range(of: " => "), let end = line.range(of: " (0x") else { return nil }
            let path = line[arrow.upperBound..<end.lowerBound]
            return path.contains("/swift/linux/") ? String(path) : nil
        }
    }
}
