import ArgumentParser

/// `reload PID`: what `ExecReload=` runs, since a minimal system has no `kill` program.
struct Reload<D: Daemon>: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "reload",
            abstract: "Ask a running daemon to reload its configuration, and wait until it has.",
            usage: "\(D.identity.program) reload <pid>",
            discussion: """
                A unit runs this for its ExecReload=: use systemctl reload \(D.identity.name). By hand, both the daemon and this \
                command need the same RUNTIME_DIRECTORY, a directory to which the daemon writes what came of it.
                """
        )
    }

    @Argument(help: "The daemon's process id.")
    var pid: Int32

    func validate() throws {
        // 0 and below name process groups, and 1 is the service manager.
        guard pid > 1 else { throw ValidationError("PID must be the daemon's process id, greater than 1.") }
    }

    func run() throws {
        try ReloadCommand.perform(pid: pid, of: D.identity.program)
    }
}
