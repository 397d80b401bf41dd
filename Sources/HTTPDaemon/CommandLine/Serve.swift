import ArgumentParser

/// `serve`, and the program's name alone.
struct Serve<D: Daemon>: ParsableCommand {
    static var configuration: CommandConfiguration {
        let own = D.Settings.settings.filter { !$0.isList }.map { "\($0.option) <\($0.valueName)>" }
        return CommandConfiguration(
            commandName: "serve",
            abstract: "Run the daemon.",
            usage: "\(D.identity.program) [serve] [<options>]",
            discussion: own.isEmpty
                ? "" : "Each setting of this daemon's own is an option, too: \(own.joined(separator: ", "))."
        )
    }

    @OptionGroup(title: "Configuration") var options: ConfigurationOptions

    func run() throws {
        try ServeCommand<D>.perform(loader: options.loader(ServiceConfiguration<D.Settings>.schema(D.identity)))
    }
}
