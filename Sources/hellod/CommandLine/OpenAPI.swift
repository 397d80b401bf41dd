import ArgumentParser
import Greeting

/// `hellod openapi`: the document that `/openapi.json` serves, without a daemon.
struct OpenAPI: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "openapi",
        abstract: "Print the OpenAPI document of the HTTP API.",
        usage: "hellod openapi [<options>]",
        discussion: """
            The document is that of a listener named admin, so /metrics is in it. Bounds and defaults are those of the \
            configuration, which is read as `serve` would.
            """
    )

    @OptionGroup(title: "Configuration") var options: ConfigurationOptions

    func run() throws {
        let configuration = try options.loader.loadOrTell().configuration
        let settings = configuration.greetingSettings(calls: configuration.aggregate.maximumCalls)
        try StandardOutput.write(GreetingService.openAPIDocument(settings: settings, version: Hellod.version))
    }
}
