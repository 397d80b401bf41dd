import Foundation
import Glibc
import SystemdTestKit

/// The server under test.
enum Hello {
    /// Builds it as `make install` does, unless a program is given.
    static func prepare(_ workplace: Workplace, program given: String?) async throws -> Server {
        let program: String
        if let given { program = URL(fileURLWithPath: given).path } else { program = try await build(workplace) }
        let version = try await Command([program, "--version"]).run().successful().trimmed
        return Server(
            name: "hello",
            version: "\(version.hasPrefix("hellod") ? version : "hellod \(version)"), Swift, release"
                + (given.map { " (\($0))" } ?? ""),
            command: "hellod serve --listen 127.0.0.1:$PORT --greeting-delay ${DELAY_MS}ms --log-access off "
                + "--set event_loops=1",
            directory: workplace.root,
            arguments: { settings in
                [
                    program, "serve", "--listen", "127.0.0.1:\(settings.port)",
                    "--greeting-delay", "\(settings.delayMilliseconds)ms", "--log-access", "off",
                    "--set", "event_loops=\(settings.eventLoops)",
                ]
            },
            environment: { _ in Workplace.environment }
        )
    }

    /// The program that a server of this kind runs.
    static func program(of server: Server) -> String {
        server.arguments(ServerSettings(port: 0, cores: [])).first ?? ""
    }

    private static func build(_ workplace: Workplace) async throws -> String {
        Console.progress("building hello")
        let arguments = ["swift", "build", "-c", "release", "--static-swift-stdlib", "--product", "hellod"]
        try await Command(arguments, workingDirectory: workplace.root, timeout: nil, isContained: geteuid() == 0).run()
            .successful()
        let shown = try await Command(arguments + ["--show-bin-path"], workingDirectory: workplace.root).run()
        return "\(try shown.successful().trimmed)/hellod"
    }
}
