import ArgumentParser
import Greeting

/// `hellod openapi`: the document that `/openapi.json` serves, without a daemon.
struct OpenAPI: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "openapi",
        abstract: "Print the OpenAPI document of the HTTP API.",
        discussion: """
            The document is that of a listener named admin, so /metrics is in it. Bounds and defaults are those of the \
            configuration, which is read as `serve` would.
            """
    )

    @OptionGroup(title: "Configuration") var options: ConfigurationOptions

    func run() throws {
        do {
            let settings = try options.loader.load().configuration.greetingSettings
            print(GreetingService.openAPIDocument(settings: settings, version: Hellod.version))
        } catch {
            for problem in error.problems { StandardError.write("hellod: \(problem)") }
            throw ExitCode(error.exitStatus.rawValue)
        }
    }
}
