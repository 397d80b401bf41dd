import Foundation
import HarnessReport
import SystemdTestKit

/// A run on the host's own systemd: installs, runs, and takes back what it installed, however it ends.
struct HostSession: Sendable {
    private static let runner = "hello-integration-tests.service"

    let session: Session
    let machine: HostMachine
    let product: Product?

    func run() async throws -> SuiteResult {
        let found = try await machine.command(["systemctl", "list-unit-files", "--no-legend", "hello*"]).run().output
        guard found.split(separator: "\n").isEmpty else {
            throw Product.ProductError(
                description: "this host already has units of that name, which the scenarios would stop and replace:\n"
                    + found
            )
        }
        let lifeline = try Lifeline(script: cleanUp)
        do {
            let result = try await runInstalled()
            await lifeline.end()
            return result
        } catch {
            await lifeline.end()
            throw error
        }
    }

    private func runInstalled() async throws -> SuiteResult {
        guard let product else { return SuiteResult() }
        session.terminal.begin("installing on the host")
        let harness = try await product.path(of: "integration-tests")
        try await Command(["install", "-D", "-m", "0755", harness, Session.installedHarness]).run().successful()
        if !session.options.withoutProduct { try await product.install(destination: "") }
        try await machine.command(["systemctl", "daemon-reload"]).run().successful()
        let started = Date()
        let result = try await session.runScenarios(on: machine, unit: Self.runner) { "" }
        if let directory = session.options.keepJournal {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            let since = "--since=@\(Int(started.timeIntervalSince1970))"
            let script = #"journalctl --output=export "$1" >"$2/journal.export""#
            try await Command(["sh", "-c", script, "journal", since, directory], timeout: .seconds(300)).run()
                .successful()
        }
        return result
    }

    /// Stopping the inner half has it take back what its scenario changed.
    private var cleanUp: String {
        let uninstall = session.options.withoutProduct ? [] : product?.uninstallCommand ?? []
        let quoted = uninstall.map { "'" + $0.replacingOccurrences(of: "'", with: #"'\''"#) + "'" }
        return """
            systemctl stop \(Self.runner)
            systemctl stop hello.socket hello-admin.socket hello.service
            \(quoted.joined(separator: " "))
            rm -rf '\((Session.installedHarness as NSString).deletingLastPathComponent)'
            systemctl daemon-reload
            systemctl reset-failed 'hello*'
            """
    }
}
