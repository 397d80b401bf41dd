import ArgumentParser

/// `hellod serve`, and `hellod` alone.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Run the daemon.")

    @OptionGroup(title: "Configuration") var options: ConfigurationOptions

    func run() throws {
        try ServeCommand.perform(loader: options.loader)
    }
}
