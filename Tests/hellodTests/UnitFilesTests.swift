import ArgumentParser
import Foundation
import Testing

@testable import HTTPDaemon
@testable import ServiceSettings
@testable import hellod

@Suite("The units of a daemon")
struct UnitFilesTests {
    private static let installed = "/usr/local/bin/hellod"

    /// A daemon that shares nothing with hello but the library.
    private static func other(
        _ name: String,
        port: Int = 9000,
        manualPage: String? = nil,
        callsOut: Bool = false
    ) throws -> UnitIdentity {
        try UnitIdentity(
            name: name,
            program: "\(name)d",
            programPath: "/bin/true",
            title: "Thumbnails",
            socketsTitle: "Sockets of the thumbnails",
            adminSocketTitle: "Administration of the thumbnails",
            manualPage: manualPage,
            port: port,
            callsOut: callsOut
        )
    }

    private static func deployed(_ name: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        return try String(contentsOf: root.appending(path: "deploy/\(name)"), encoding: .utf8)
    }

    @Test("of hello are those in deploy/")
    func deploy() throws {
        let identity = try UnitIdentity(Hello.identity, programPath: Self.installed)
        let files = UnitFiles.all(of: identity, configuration: schema.defaultsDocument + "\n")
        #expect(files.map(\.name) == ["hello.socket", "hello.service", "hello-admin.socket", "hello.yaml"])
        for file in files {
            let remedy = "make it so: hellod units deploy --force --program \(Self.installed)"
            #expect(try file.text == Self.deployed(file.name), "\(file.name); \(remedy)")
        }
    }

    @Test("are what the command writes, each path on a line", arguments: ["", "/"])
    func command(end: String) async throws {
        try await ScratchDirectory.with { directory in
            let (ended, said) = try await directory.units(["\(directory.path)/new\(end)", "--program", Self.installed])
            #expect(ended == .init(status: 0, errors: ""))
            let names = ["hello.socket", "hello.service", "hello-admin.socket", "hello.yaml"]
            #expect(said == names.map { "\(directory.path)/new/\($0)\n" }.joined())
            #expect(try directory.names("new") == names.sorted())
            for name in names {
                #expect(try directory.text("new/\(name)") == Self.deployed(name), "\(name)")
                #expect(directory.mode("new/\(name)") == 0o644)
            }
            #expect(directory.mode("new") == 0o755)
        }
    }

    @Test("run the program that writes them, on ports of one's choice")
    func ownPath() async throws {
        try await ScratchDirectory.with { directory in
            let (ended, _) = try await directory.units([directory.path, "--port", "9000"])
            #expect(ended.status == 0)
            let service = try directory.text("hello.service")
            #expect(service.contains("\nExecStart=\(try HellodProcess.path()) serve\n"))
            #expect(try directory.text("hello.socket").contains("\nListenStream=[::1]:9000\n"))
            #expect(try directory.text("hello-admin.socket").contains("\nListenStream=127.0.0.1:9001\n"))
        }
    }

    @Test("of another daemon do not speak of hello", arguments: ["a", "thumbs", "a-2-b"], [false, true])
    func otherName(name: String, callsOut: Bool) throws {
        let identity = try Self.other(name, callsOut: callsOut)
        let files = UnitFiles.all(of: identity, configuration: "")
        #expect(files.map(\.name) == ["\(name).socket", "\(name).service", "\(name)-admin.socket", "\(name).yaml"])
        for file in files {
            #expect(!file.text.lowercased().contains("hello"), "\(file.name)")
            #expect(!file.text.contains("808"), "\(file.name)")
            #expect(!file.text.contains("Documentation="), "\(file.name)")
        }
        let documented = try Self.other(name, manualPage: "thumbs(8)")
        for text in [documented.service, documented.sockets, documented.adminSocket] {
            #expect(text.contains("\nDocumentation=man:thumbs(8)\n"))
        }
    }

    @Test("have a network if the daemon calls out, and none if not")
    func network() throws {
        let settings = ["PrivateNetwork=", "RestrictAddressFamilies=", "IPAddressDeny=", "IPAddressAllow="]
        func network(callsOut: Bool) throws -> [Substring] {
            let service = try Self.other("thumbs", callsOut: callsOut).service
            return service.split(separator: "\n").filter { line in settings.contains { line.hasPrefix($0) } }
        }
        let without = ["PrivateNetwork=yes", "RestrictAddressFamilies=AF_UNIX", "IPAddressDeny=any"]
        #expect(try network(callsOut: false).map(String.init) == without)
        let with = ["PrivateNetwork=no", "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK"]
        #expect(try network(callsOut: true).map(String.init) == with)
    }

    @Test("have the admin socket stop with the clients' sockets, and come back with them alone")
    func adminSocket() throws {
        let lines = try Self.other("thumbs").adminSocket.split(separator: "\n").map(String.init)
        #expect(lines.contains("PartOf=thumbs.socket"))
        #expect(lines.filter { $0.hasPrefix("WantedBy=") } == ["WantedBy=thumbs.socket thumbs.service"])
    }

    /// The longest name that there may be.
    private static let longest = "a" + String(repeating: "-b3", count: 21)

    @Test("are accepted by systemd without a word", arguments: ["a", "thumbs", longest], [false, true])
    func verify(name: String, callsOut: Bool) async throws {
        try await ScratchDirectory.with { directory in
            let files = UnitFiles.all(of: try Self.other(name, callsOut: callsOut), configuration: "")
            _ = try UnitDirectory(directory.path).write(files, overwrites: false)
            // Without the manager's own search path, so that nothing installed is seen.
            let script = """
                SYSTEMD_UNIT_PATH="$1:" systemd-analyze verify --man=no "$1"/*.service "$1"/*.socket 2>&1 && echo accepted
                """
            let said = try await HellodProcess.elsewhere {
                CommandOutput.of(["sh", "-c", script, "sh", directory.path])
            }
            #expect(said == "accepted\n")
        }
    }

    /// In tenths, as systemd-analyze takes it; a network costs the most.
    @Test("keep the sandbox as tight as it can be", arguments: [(false, 2), (true, 11)])
    func security(callsOut: Bool, threshold: Int) async throws {
        try await ScratchDirectory.with { directory in
            let files = UnitFiles.all(of: try Self.other("thumbs", callsOut: callsOut), configuration: "")
            _ = try UnitDirectory(directory.path).write(files, overwrites: false)
            let script = """
                systemd-analyze security --offline=yes --no-pager --threshold="$1" "$2/thumbs.service" && echo tight
                """
            let said = try await HellodProcess.elsewhere {
                CommandOutput.of(["sh", "-c", script, "sh", "\(threshold)", directory.path])
            }
            #expect(said?.hasSuffix("\ntight\n") == true, "\(said ?? "")")
        }
    }

    @Test("are not written for a name that cannot be that of a unit, a variable and a metric")
    func names() throws {
        #expect(Self.longest.count == 64)
        for name in ["a", "z-9", Self.longest] { #expect(throws: Never.self) { try UnitIdentity.check(name: name) } }
        for name in ["", "9a", "-a", "Hello", "a_b", "a.b", "a/b", "a b", "ä", "a\n", Self.longest + "a"] {
            let problem = #expect(throws: UnitProblem.self) { try UnitIdentity.check(name: name) }
            #expect(problem?.line.contains("1 to 64 of a-z, 0-9 and -") == true, "\(name)")
            #expect(problem?.line.contains("\n") == false)
        }
    }

    @Test("are not written with what would read as something else in them")
    func texts() throws {
        for path in ["/usr/local/bin/hellod", "/opt/a-b/c_1.2/d@e", "/opt/grüße/d"] {
            #expect(throws: Never.self) { try UnitIdentity.check(programPath: path) }
        }
        for path in ["", "hellod", "./hellod", "/", "/a/", "/a/../b"] {
            #expect(throws: UnitProblem.self, "\(path)") { try UnitIdentity.check(programPath: path) }
        }
        for path in ["/a b", "/a%n", "/$A", "/a;b", "/a\n", "/a\"", "/a\\", "/a\u{202e}"] {
            #expect(throws: UnitProblem.self, "\(path)") { try UnitIdentity.check(programPath: path) }
        }
        for title in ["", " ", "a\nUser=root", "100%", "a\\", "a\u{202e}"] {
            #expect(throws: UnitProblem.self, "\(title)") { try UnitIdentity.check(text: title) }
        }
        for port in [Int.min, 0, 65535, 65536, Int.max] {
            #expect(throws: UnitProblem.self, "\(port)") { try Self.other("a", port: port) }
        }
    }
}
