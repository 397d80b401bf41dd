import Foundation
import Glibc
import HTTPServer
import JournalLogging
import Testing

@testable import HTTPDaemon
@testable import ServiceSettings
@testable import Upstreams

/// Events as the code, the message catalogue and the manual page know them.
@Suite("Events")
struct EventTests {
    private static func text(_ file: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        return try String(contentsOf: root.appending(path: file), encoding: .utf8)
    }

    private static func identifiers(_ file: String, behind prefix: String) throws -> [String] {
        try text(file).split(separator: "\n").filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
            .filter { $0.count == 32 && $0.allSatisfy(\.isHexDigit) }
    }

    @Test("have one identifier each, the same ones in the code, the catalogue and the manual page")
    func identifiers() throws {
        let known = Event.allCases.map(\.rawValue) + UpstreamEvent.allCases.map(\.rawValue)
        #expect(Set(known).count == known.count)
        for event in Event.allCases { #expect("\(event.messageID)" == event.rawValue) }
        #expect(known.contains("\(LogPipeline.droppedMessageID)"))
        #expect(try Self.identifiers("deploy/hello.catalog", behind: "-- ").sorted() == known.sorted())
        #expect(try Self.identifiers("deploy/hellod.8", behind: ".B ").sorted() == known.sorted())
    }

    @Test("have the subject of the catalogue in the manual page")
    func subjects() throws {
        let page = try Self.text("deploy/hellod.8").split(separator: "\n").map(String.init)
        for entry in try Self.text("deploy/hello.catalog").components(separatedBy: "\n-- ").dropFirst() {
            let lines = entry.split(separator: "\n").map(String.init)
            let subject = try #require(lines.first { $0.hasPrefix("Subject: ") }).dropFirst(9)
            // The one that names fields of its entry.
            guard !subject.contains("@") else { continue }
            let index = try #require(page.firstIndex(of: ".B \(lines[0])"), "\(lines[0])")
            #expect(page[index + 2] == subject)
        }
    }

    /// Runs it until it is ready, ends it, and returns what it logged.
    private func log(_ arguments: [String], _ variables: [String: String] = [:]) async throws -> String {
        let directory = try TestDirectory()
        let manager = try PlayedManager(directory)
        var variables = variables
        variables["NOTIFY_SOCKET"] = manager.address
        let process = try HellodProcess(
            arguments.map { $0.replacing("SOCKET", with: "unix:\(directory.path)/socket") } + ["--log-format", "json"],
            variables
        )
        _ = try await manager.next(with: "READY=1")
        let (ended, _) = try await process.ended(by: [SIGTERM], readBy: manager)
        #expect(ended.status == 0)
        return ended.errors
    }

    private func entry(_ log: String, _ event: Event) -> String? {
        log.split(separator: "\n").first { $0.contains(event.rawValue) }.map(String.init)
    }

    @Test("Ready names each address, with the port that the kernel chose")
    func ready() async throws {
        let log = try await log(["--listen", "127.0.0.1:0", "--listen", "SOCKET", "--admin-listen", "[::1]:0"])
        let ready = try #require(entry(log, .ready))
        let message = try #require(ready.firstMatch(of: /accepting connections on ([^"]*)"/)).1
        let addresses = message.split(separator: ", ")
        try #require(addresses.count == 3)
        #expect(addresses[0].wholeMatch(of: /http 127\.0\.0\.1:[1-9][0-9]*/) != nil)
        #expect(addresses[1].wholeMatch(of: /http unix:\/.*\/socket/) != nil)
        #expect(addresses[2].wholeMatch(of: /admin \[::1\]:[1-9][0-9]*/) != nil)
        for address in addresses { #expect(ready.contains("\"\(address)\"")) }
    }

    @Test("an unknown variable is no invalid configuration")
    func unknownVariable() async throws {
        let log = try await log(["--listen", "SOCKET"], ["HELLO_PORT": "tcp://10.0.0.1:80"])
        let warning = try #require(entry(log, .variableIgnored))
        #expect(warning.contains("HELLO_PORT"))
        #expect(entry(log, .configurationInvalid) == nil)
    }

    @Test("sockets that were passed to another process are told of")
    func misaddressed() async throws {
        let log = try await log(["--listen", "SOCKET"], ["LISTEN_PID": "1", "LISTEN_FDS": "1"])
        #expect(try #require(entry(log, .socketsMisaddressed)).contains("LISTEN_PID is 1, and this is "))
        let other = try await self.log(["--listen", "SOCKET"])
        #expect(entry(other, .socketsMisaddressed) == nil)
        #expect(entry(other, .noSocketPassed) == nil)
    }

    @Test("idle_exit without a socket of the manager's is told to be ignored")
    func idleExit() async throws {
        let log = try await log(["--listen", "SOCKET", "--idle-exit", "1s"])
        #expect(entry(log, .idleExitIgnored) != nil)
    }

    @Test("where the manager passed nothing, a failure to listen names the cause")
    func noSocketPassed() async throws {
        // What is listened on instead is in use, by this or by somebody else.
        let own = try? OwnListeners.open(DaemonConfiguration.fallbackListen[0], name: "http")
        defer { if let own { close(own.descriptor) } }
        let directory = try TestDirectory()
        let manager = try PlayedManager(directory)
        let process = try HellodProcess(["serve"], ["NOTIFY_SOCKET": manager.address])
        let (ended, messages) = try await process.ended(by: [], readBy: manager)
        #expect(ended.status == 71)
        let last = try #require(ended.errors.split(separator: "\n").last)
        for part in ["the service manager passed no socket", "ListenStream=", "systemctl restart hello.socket"] {
            #expect(last.contains(part))
            #expect(messages.contains { $0.contains { $0.hasPrefix("STATUS=Failed: ") && $0.contains(part) } })
        }
    }

    @Test("a request that failed is not a daemon that failed, and a wrong option no wrong file")
    func ofTheirOwn() throws {
        #expect(Event.requestFailed != .serverFailed)
        let entries = try Self.text("deploy/hello.catalog").components(separatedBy: "\n-- ")
        #expect(try #require(entries.first { $0.hasPrefix(Event.requestFailed.rawValue) }).contains("status 500"))
    }
}
