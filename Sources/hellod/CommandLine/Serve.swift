import ArgumentParser

/// `hellod serve`, and `hellod` alone.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the daemon.",
        usage: "hellod [serve] [<options>]"
    )

    @OptionGroup(title: "Configuration") var options: ConfigurationOptions

    func run() throws {
        try ServeCommand.perform(loader: options.loader)
    }
}
