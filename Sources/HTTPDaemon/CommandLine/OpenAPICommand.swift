import ArgumentParser
import HTTPEndpoints
import ServiceSettings

/// `openapi`: the document that `/openapi.json` serves, without a daemon.
struct OpenAPICommand<D: Daemon>: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "openapi",
            abstract: "Print the OpenAPI document of the HTTP API.",
            usage: "\(D.identity.program) openapi [<options>]",
            discussion: """
                The document is that of a listener named admin, so /metrics is in it. Bounds and defaults are those of the \
                configuration, which is read as `serve` would.
                """
        )
    }

    @OptionGroup(title: "Configuration") var options: ConfigurationOptions

    func run() throws {
        let loaded = try options.loader(ServiceConfiguration<D.Settings>.schema(D.identity)).loadOrTell()
        let endpoints = D().endpoints(loaded.configuration.own)
        for problem in endpoints.flatMap(\.schemaProblems) { StandardError.tell("warning: \(escaped(problem))") }
        try StandardOutput.write(EndpointService.openAPIDocument(endpoints, D.identity.api))
    }
}

extension Identity {
    /// What the document says of the daemon's API.
    var api: APIDescription { APIDescription(title: name, version: version, summary: summary, license: license) }
}
