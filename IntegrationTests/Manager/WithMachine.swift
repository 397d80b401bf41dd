import Foundation

/// Boots a private systemd, runs `body` against it, and takes it down, whatever happens.
///
/// Several may run at once: each takes seven inotify instances, of which root has `fs.inotify.max_user_instances` (128), so
/// that tests with more than some fifteen machines belong into a `.serialized` suite.
///
/// When `body` throws, what ``PrivateMachine/keepEvidence(in:)`` writes is kept in `evidence`, and standard error says so. A
/// failed `#expect` throws nothing: use `#require`. With `SYSTEMD_TEST_KIT_STAY=1` in the environment the machine then stays
/// until Enter is pressed, and it is said how to enter it.
///
///     @Test func answers() async throws {
///         try await withMachine { machine in
///             try await machine.unit("my.service", "[Service]\nType=notify\nExecStart=/usr/local/bin/my\n")
///             try await machine.start("my.service")
///             try #require(try await machine.property("StatusText", of: "my.service") == "serving")
///         }
///     }
///
/// - Parameters:
///   - label: The first part of the machine's name.
///   - root: Whose files it sees, and whose systemd it boots.
///   - evidence: A directory for what a failure leaves; `nil` is one of the machine's name in the temporary directory.
///   - prepare: Puts files into its tree before it boots: a daemon's binary, for example.
///   - body: What to do with it.
/// - Throws: ``MachineError`` where none can be booted, naming what is missing; and what `prepare` and `body` throw.
public func withMachine<Result>(
    label: String = "machine",
    root: MachineRoot = .host,
    evidence: String? = nil,
    prepare: (MachineTree) async throws -> Void = { _ in },
    _ body: (PrivateMachine) async throws -> Result
) async throws -> Result {
    try await PrivateMachine.with(label: label, root: root, prepare: prepare) { machine in
        do {
            return try await body(machine)
        } catch {
            let directory = evidence ?? NSTemporaryDirectory() + "systemd-test-kit/\(machine.name)"
            // In a task of its own: what hangs is cancelled, by a test's time limit, and is what one wants to look at.
            await Task {
                var said = "the machine's journal and its units' states are in \(directory)\n"
                do {
                    try await machine.keepEvidence(in: directory)
                } catch {
                    said = "not all of what the machine knows could be kept in \(directory): \(error)\n"
                }
                FileHandle.standardError.write(Data(said.utf8))
                if PrivateMachine.staysOnFailure { await machine.stay() }
            }.value
            throw error
        }
    }
}

extension PrivateMachine {
    /// Writes the journal and the units' states, as text, into a directory of this host, `journal.txt` and `units.txt`; and
    /// `console.txt`, where its console has said anything.
    /// - Throws: ``CommandError`` where the machine cannot be asked, and what Foundation says of a file.
    public func keepEvidence(in directory: String) async throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        if !console.isEmpty {
            try console.write(toFile: "\(directory)/console.txt", atomically: false, encoding: .utf8)
        }
        let units = try await command(["systemctl", "--no-pager", "--full", "--all", "list-units"]).run().output
        try units.write(toFile: "\(directory)/units.txt", atomically: false, encoding: .utf8)
        _ = try await command(["journalctl", "--sync"]).run()
        let arguments = ["journalctl", "--quiet", "--no-pager", "--output=short-precise"]
        let journal = try await command(arguments, timeout: .seconds(300)).run().successful().output
        try journal.write(toFile: "\(directory)/journal.txt", atomically: false, encoding: .utf8)
    }
}
