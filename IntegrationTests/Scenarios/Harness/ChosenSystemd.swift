import ArgumentParser
import SystemdTestKit

/// Whose systemd a run boots: the host's, that of a Debian, or that of a tree.
enum ChosenSystemd: ExpressibleByArgument {
    case host
    case debian(DebianSuite)
    case directory(String)

    /// What has a slash is a path; a word is a suite, so that a misspelt one is refused.
    init?(argument: String) {
        if argument == "host" {
            self = .host
        } else if let suite = DebianSuite(rawValue: argument) {
            self = .debian(suite)
        } else if argument.contains("/") {
            self = .directory(argument)
        } else {
            return nil
        }
    }

    /// What it is called by.
    var name: String {
        switch self {
        case .host: MachineRoot.host.name
        case .debian(let suite): suite.rawValue
        case .directory(let path): path
        }
    }

    /// Its tree, which is made where it has to be.
    func root(refresh: Bool, _ terminal: Terminal) async throws -> MachineRoot {
        switch self {
        case .host: .host
        case .directory(let path): try .directory(path)
        case .debian(let suite):
            try await .debian(suite, refresh: refresh) { terminal.begin("making a tree of Debian \(suite.rawValue)") }
        }
    }
}
