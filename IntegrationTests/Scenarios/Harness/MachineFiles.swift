import Foundation
import SystemdTestKit

/// What the machine is given besides the product, so that it can carry the load and keep what it logs.
enum MachineFiles {
    static func write(to tree: MachineTree) async throws {
        // A client's address and port are taken for a minute after it closes: thousands of connections that come again
        // need more ports than the kernel's own range has.
        try await tree.write(
            // Those of the product and its instances are not among them.
            "net.ipv4.ip_local_port_range = 1024 65535\nnet.ipv4.ip_local_reserved_ports = 8080-8099\n",
            to: "/etc/sysctl.d/90-integration-tests.conf"
        )
        // Scenarios count entries, of which too small a journal would drop some.
        try await tree.write(
            "[Journal]\nStorage=volatile\nRuntimeMaxUse=1G\n",
            to: "/etc/systemd/journald.conf.d/90-integration-tests.conf"
        )
        // Scenarios run in the machine, whose tree has no compiler where it is another Debian's. Where this host has none, the
        // scenario that needs it says so.
        do { try await tree.installWallClock() } catch is FaultError {}
    }

    /// Puts the daemons below Examples/ where scenarios find them, and what libraries lie beside them.
    static func write(examples directory: String, to tree: MachineTree) async throws {
        for file in try FileManager.default.contentsOfDirectory(atPath: directory) {
            try await tree.install("\(directory)/\(file)", to: "\(Session.installedExamples)/\(file)")
        }
    }

    /// Puts the packages of a directory where scenarios find them.
    static func write(packages directory: String, to tree: MachineTree) async throws {
        for file in try FileManager.default.contentsOfDirectory(atPath: directory) where file.hasSuffix(".deb") {
            try await tree.install("\(directory)/\(file)", to: "\(Session.installedPackages)/\(file)", mode: "0644")
        }
        // An image of a container tells packages to start nothing; this is a machine.
        try await tree.write("#!/bin/sh\nexit 0\n", to: "/usr/sbin/policy-rc.d", mode: "0755")
    }
}
