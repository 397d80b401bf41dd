import Foundation
import Glibc

/// A file tree that is made once and kept, for all who want it at once.
struct KeptTree {
    /// How long to wait for another who makes it.
    static let patience: Duration = .seconds(1200)

    /// What it is called: the last part of its path.
    let name: String
    /// Where such trees are kept.
    let directory: String
    /// What it was made of. One that was made of something else is made anew.
    let record: String

    private var path: String { "\(directory)/\(name)" }

    /// The tree, if it is there and was made of what is wanted.
    /// - Throws: ``MachineError/missing(_:)`` where there is no systemd in it.
    func current() throws(MachineError) -> MachineRoot? {
        guard (try? String(contentsOfFile: Self.record(in: path), encoding: .utf8)) == record else { return nil }
        return try MachineRoot(path: path, name: name).verified()
    }

    /// Makes the tree, unless somebody else does so meanwhile.
    ///
    /// It is made aside and renamed, so that one that was interrupted is never used, and is removed however this process
    /// ends.
    /// - Parameters:
    ///   - refresh: Makes it although it is there.
    ///   - make: Fills the path that it is given.
    /// - Throws: ``WaitedInVain`` for another who makes it, ``MachineError``, what Foundation says of a file, and what
    ///   `make` throws.
    func made(refresh: Bool, _ make: (String) async throws -> Void) async throws -> MachineRoot {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let lock = try await FileLock(
            "\(directory)/.\(name).lock",
            for: "another who makes \(path)",
            within: Self.patience
        )
        // Whoever had the lock may have made it: one in use is not taken away.
        if !refresh, let root = try current() { return root }
        let aside = "\(directory)/.\(name)-\(getpid())-\(UInt32.random(in: 0...0xff_ffff))"
        let lifeline = try Lifeline(
            script: #"rm -rf --one-file-system -- "$1" "$1-old""#,
            arguments: [aside]
        )
        do {
            try await make(aside)
            try record.write(toFile: Self.record(in: aside), atomically: false, encoding: .utf8)
            // The old one goes the way of what was not finished.
            if MachineRoot.exists(path), rename(path, "\(aside)-old") != 0 {
                throw SystemError(call: "rename \(path)", code: errno)
            }
            if rename(aside, path) != 0 { throw SystemError(call: "rename \(aside)", code: errno) }
        } catch {
            await lifeline.end()
            throw error
        }
        await lifeline.end()
        lock.release()
        return try MachineRoot(path: path, name: name).verified()
    }

    private static func record(in tree: String) -> String { "\(tree)/etc/systemd-test-kit.packages" }
}
