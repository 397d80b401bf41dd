import ArgumentParser

/// Runs the daemon.
enum ServeCommand {
    /// Loads the configuration and serves until told to stop.
    static func perform(loader: ConfigurationLoader) throws {
        StandardError.write("hellod: serve is not built in yet")
        throw ExitCode(ExitStatus.system.rawValue)
    }
}

/// Reloads a running daemon.
enum ReloadCommand {
    /// Sends the signal and waits for the outcome.
    static func perform(pid: Int32) throws {
        StandardError.write("hellod: reload is not built in yet")
        throw ExitCode(ExitStatus.system.rawValue)
    }
}
