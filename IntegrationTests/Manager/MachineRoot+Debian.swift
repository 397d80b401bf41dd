import Foundation
import Glibc

/// A release of Debian, for the systemd that it has.
public enum DebianSuite: String, Sendable, CaseIterable {
    /// Debian 12: systemd 252.
    case bookworm
    /// Debian 13: systemd 257.
    case trixie
    /// What is being developed: systemd 262 or newer.
    case sid
}

extension MachineRoot {
    /// What a tree has besides a minimal Debian: what boots it, what the harness and hellod link, and what scenarios call.
    private static let packages = [
        "ca-certificates", "curl", "dbus", "iproute2", "libgcc-s1", "libstdc++6", "libsystemd0", "make", "procps",
        "python3",
        "systemd", "systemd-sysv", "zlib1g",
    ]

    /// Where trees are kept: `$XDG_CACHE_HOME`, or `/var/cache`, which is the place of what root can make again.
    static var cache: String {
        let base = ProcessInfo.processInfo.environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        return "\(base ?? "/var/cache")/systemd-test-kit"
    }

    /// The tree of a Debian: made with mmdebstrap, which needs the network, and kept for the next time.
    ///
    /// It is minimal (mmdebstrap's `minbase`), with systemd, dbus, ca-certificates, curl, iproute2, make, procps, python3 and the
    /// libraries libsystemd0, libstdc++6, libgcc-s1 and zlib1g. ``MachineTree`` puts in what else is needed.
    ///
    /// Of several who want it at once, in one process or in many, one makes it and the others wait.
    /// - Parameters:
    ///   - suite: Which Debian.
    ///   - refresh: Makes it anew. No machine that runs on the old one survives that.
    ///   - onMaking: Called when it has to be made, which takes about half a minute.
    /// - Throws: ``MachineError/missing(_:)`` without mmdebstrap, ``CommandError`` with what it said, and
    ///   ``WaitedInVain`` for another who makes it.
    public static func debian(
        _ suite: DebianSuite,
        refresh: Bool = false,
        onMaking: () -> Void = {}
    ) async throws -> MachineRoot {
        let tree = KeptTree(
            name: suite.rawValue,
            directory: cache,
            record: packages.joined(separator: "\n") + "\n"
        )
        if !refresh, let root = try tree.current() { return root }
        guard geteuid() == 0 else { throw MachineError.missing(["root is needed to make a tree of Debian"]) }
        guard Requirements.find("mmdebstrap") != nil else {
            throw MachineError.missing([
                "mmdebstrap, which makes a tree of Debian, is not installed: apt install mmdebstrap"
            ])
        }
        return try await tree.made(refresh: refresh) { path in
            onMaking()
            try await make(suite, at: path)
        }
    }

    private static func make(_ suite: DebianSuite, at path: String) async throws {
        var arguments = ["mmdebstrap", "--variant=minbase", "--include=\(packages.joined(separator: ","))"]
        // A mirror may lag behind a suite that has a new index every few hours.
        if suite == .sid { arguments.append(#"--aptopt=Acquire::Check-Valid-Until "false""#) }
        try await Command(arguments + [suite.rawValue, path], timeout: .seconds(600), isContained: true).run()
            .successful()
    }
}
