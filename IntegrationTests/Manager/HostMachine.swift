import Glibc

/// The systemd that runs this very machine.
package struct HostMachine: Machine {
    /// Always `host`.
    package var name: String { "host" }
    /// Nothing: commands already run there.
    package var entry: [String] { [] }

    /// - Throws: ``MachineError/missing(_:)`` where this is not a machine that systemd runs, or we are not root.
    package init() throws(MachineError) {
        var lines: [String] = []
        if geteuid() != 0 { lines.append("root is needed to install and start units: run it with sudo") }
        // sd_booted(3)
        if access("/run/systemd/system", F_OK) != 0 {
            lines.append("systemd is not what runs this machine (there is no /run/systemd/system)")
        }
        guard lines.isEmpty else { throw .missing(lines) }
    }
}
