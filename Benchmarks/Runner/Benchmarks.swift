import ArgumentParser

/// `benchmarks`: hello, measured beside others.
@main
struct Benchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmarks",
        abstract: "Measures hello beside other servers.",
        discussion: """
            Builds hello and its peers, measures them in interleaved rounds, prints tables, and writes a report with \
            charts and all raw figures. Needs root for the parts that boot a systemd of their own.
            """,
        subcommands: [RunBenchmarks.self, RunInside.self],
        defaultSubcommand: RunBenchmarks.self
    )
}
