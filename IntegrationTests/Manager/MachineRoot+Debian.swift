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
    /// It is made aside and renamed, so that one that was interrupted is never used, and is removed however this process
    /// ends.
    /// - Parameters:
    ///   - suite: Which Debian.
    ///   - refresh: Makes it anew. No machine that runs on the old one survives that.
    ///   - onMaking: Called when it has to be made, which takes about half a minute.
    /// - Throws: ``MachineError/missing(_:)`` without mmdebstrap, and ``CommandError`` with what it said.
    public static func debian(
        _ suite: DebianSuite,
        refresh: Bool = false,
        onMaking: () -> Void = {}
    ) async throws -> MachineRoot {
        let path = "\(cache)/\(suite.rawValue)"
        let record = "\(path)/etc/systemd-test-kit.packages"
        let wanted = packages.joined(separator: "\n") + "\n"
        if !refresh, (try? String(contentsOfFile: record, encoding: .utf8)) == wanted {
            return try MachineRoot(path: path, name: suite.rawValue).verified()
        }
        guard geteuid() == 0 else { throw MachineError.missing(["root is needed to make a tree of Debian"]) }
        guard Requirements.find("mmdebstrap") != nil else {
            throw MachineError.missing([
                "mmdebstrap, which makes a tree of Debian, is not installed: apt install mmdebstrap"
            ])
        }
        onMaking()
        try FileManager.default.createDirectory(atPath: cache, withIntermediateDirectories: true)
        let aside = "\(cache)/.\(suite.rawValue)-\(getpid())"
        let lifeline = try Lifeline(script: "rm -rf --one-file-system '\(aside)' '\(aside)-old'")
        do {
            try await make(suite, at: aside)
            try wanted.write(toFile: "\(aside)/etc/systemd-test-kit.packages", atomically: false, encoding: .utf8)
            // The old one goes the way of what was not finished.
            if exists(path), rename(path, "\(aside)-old") != 0 {
                throw SystemError(call: "rename \(path)", code: errno)
            }
            if rename(aside, path) != 0 { throw SystemError(call: "rename \(aside)", code: errno) }
        } catch {
            await lifeline.end()
            throw error
        }
        await lifeline.end()
        return try MachineRoot(path: path, name: suite.rawValue).verified()
    }

    private static func make(_ suite: DebianSuite, at path: String) async throws {
        var arguments = ["mmdebstrap", "--variant=minbase", "--include=\(packages.joined(separator: ","))"]
        // A mirror may lag behind a suite that has a new index every few hours.
        if suite == .sid { arguments.append(#"--aptopt=Acquire::Check-Valid-Until "false""#) }
        try await Command(arguments + [suite.rawValue, path], timeout: .seconds(600), isContained: true).run()
            .successful()
    }
}
