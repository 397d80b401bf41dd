import Foundation
import Glibc

/// The file tree that a machine sees a copy-on-write view of, and with it the systemd that it boots.
public struct MachineRoot: Sendable {
    /// Where the tree is on this host.
    public let path: String
    /// What it is called in messages: a suite of Debian, `host`, or a path.
    public let name: String

    /// This host's own root, and its own systemd.
    public static let host = MachineRoot(path: "/", name: "host")

    /// A tree that somebody made: anything that systemd-nspawn can boot, with the programs that the tests call.
    /// - Throws: ``MachineError/missing(_:)`` where there is no systemd in it.
    public static func directory(_ path: String) throws(MachineError) -> MachineRoot {
        let absolute = URL(fileURLWithPath: path).standardizedFileURL.path
        return try MachineRoot(path: absolute, name: path).verified()
    }

    /// The version that `systemctl --version` names, such as `257.13-1~deb13u1`.
    public func systemdVersion() async throws -> String {
        let said = try await Command(["chroot", path, "systemctl", "--version"]).run().successful().output
        // systemd 257 (257.13-1~deb13u1)
        let words = said.split(whereSeparator: \.isWhitespace)
        guard words.count > 2 else { return "unknown" }
        return words[2].trimmingCharacters(in: ["(", ")"])
    }

    /// This tree, if there is a systemd to boot.
    func verified() throws(MachineError) -> MachineRoot {
        // Not followed: a link in there may be absolute, and lead out of the tree.
        let names = ["usr/lib/systemd/systemd", "lib/systemd/systemd"]
        guard names.contains(where: { Self.exists("\(path)/\($0)") }) else {
            throw .missing(["there is no systemd in \(path): it has no /usr/lib/systemd/systemd"])
        }
        return self
    }

    static func exists(_ path: String) -> Bool {
        var information = stat()
        return lstat(path, &information) == 0
    }

    init(path: String, name: String) {
        self.path = path
        self.name = name
    }
}
