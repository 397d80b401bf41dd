import ArgumentParser

struct Units<D: Daemon>: ParsableCommand {
    static var configuration: CommandConfiguration { CommandConfiguration(commandName: "units") }
}
