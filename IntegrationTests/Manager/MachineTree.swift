import Foundation

/// The file tree of a machine that is yet to boot.
public struct MachineTree: Sendable {
    /// The tree as this host sees it, for installers that take a `DESTDIR`.
    ///
    /// An absolute symbolic link in it leads to the host's files: to write single files, prefer ``write(_:to:mode:)``,
    /// which sees the tree as the machine will.
    public let path: String

    private let entry: [String]

    init(process: pid_t) {
        path = "/proc/\(process)/root/run/machine/tree"
        entry = ["nsenter", "--target", "\(process)", "--mount", "--", "chroot", "/run/machine/tree"]
    }

    /// Writes a text file, and the directories above it.
    /// - Throws: ``MachineError/cannotInstall(path:reason:)``
    public func write(_ text: String, to file: String, mode: String = "0644") async throws {
        try await put(.data(Data(text.utf8)), file, mode)
    }

    /// Copies a file of this host into the tree.
    /// - Throws: ``MachineError/cannotInstall(path:reason:)``
    public func install(_ source: String, to file: String, mode: String = "0755") async throws {
        try await put(.file(source), file, mode)
    }

    /// Runs a command in the tree, as with `chroot`: `systemctl enable`, for example.
    /// - Throws: ``CommandError/cannotStart(command:reason:)``, or `CancellationError`.
    public func run(_ arguments: [String]) async throws -> CommandResult {
        try await Command(entry + arguments).run()
    }

    private func put(_ content: Command.Input, _ file: String, _ mode: String) async throws {
        do {
            try await Command(entry + ["sh", "-c", Scripts.put, "put", file, mode], input: content).run().successful()
        } catch let error as CommandError {
            throw MachineError.cannotInstall(path: file, reason: error.description)
        }
    }
}
