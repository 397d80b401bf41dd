import SystemdTestKit

/// What `Tests/package/variants` makes.
enum TestPackage: String {
    case base, upgrade, broken, control
    case controlUpgrade = "control-upgrade"

    var path: String { "\(Session.installedPackages)/\(rawValue).deb" }
}

extension ScenarioContext {
    /// Installs a package with apt as an administrator would, which may be an older version than the one that is there.
    /// It is purged when the scenario is over.
    func install(_ package: TestPackage) async throws {
        // Once, and so behind everything that uses it. Of one that is purged already, dpkg only says so.
        if try await !shell("dpkg-query --show hellod", checked: false).isSuccess {
            afterwards { [self] in try await shell("dpkg --purge hellod") }
        }
        try await apt("install", "--allow-downgrades", package.path)
    }

    /// Runs apt. It asks nothing: a question would be about a conffile, and the answer is to keep what is there.
    func apt(_ arguments: String...) async throws {
        try await command(
            ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qy", "-o", "Dpkg::Use-Pty=0"]
                + ["-o", "Dpkg::Options::=--force-confold"] + arguments,
            timeout: .seconds(120)
        )
    }

    func packageVersion() async throws -> String {
        try await shell("dpkg-query --show --showformat '${Version}' hellod").output
    }

    /// Fails unless each unit is active, or is not.
    func expectActive(_ states: [String: Bool], file: String = #fileID, line: Int = #line) async throws {
        var found: [String: Bool] = [:]
        for unit in states.keys { found[unit] = try await unitProperty(unit, "ActiveState") == "active" }
        try expectEqual(found, states, "which units are active", file: file, line: line)
    }

    /// Paths with the daemon's name where packages, systemd and the daemon itself put something.
    func packageTraces() async throws -> [String] {
        try await shell(
            "find /etc /usr/bin /usr/lib /lib/systemd /usr/share /var/lib /var/cache /run -xdev -name '*hello*' "
                + "-not -path '\(Session.installedPackages)*' | sort"
        ).output.split(separator: "\n").map(String.init)
    }
}
