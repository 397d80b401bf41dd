import ArgumentParser
import Foundation
import Testing

@testable import HTTPDaemon
@testable import ServiceSettings
@testable import hellod

@Suite("The templates of a daemon's units")
struct UnitTemplateTests {
    private static let installed = "/usr/local/bin/hellod"
    private static let names = ["hello@.socket", "hello@.service", "hello-admin@.socket"]

    private static func identity(
        _ name: String,
        callsOut: Bool = false,
        isTemplate: Bool = true
    ) throws -> UnitIdentity {
        let identity = Identity(name: name, callsOut: callsOut)
        return try UnitIdentity(identity, programPath: "/bin/true", isTemplate: isTemplate)
    }

    @Test("of hello are those in deploy/, and what the command writes")
    func deploy() async throws {
        let identity = try UnitIdentity(Hello.identity, programPath: Self.installed, isTemplate: true)
        #expect(UnitFiles.templates(of: identity).map(\.name) == Self.names)
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../deploy")
        try await ScratchDirectory.with { directory in
            let (ended, said) = try await directory.units([directory.path, "--template", "--program", Self.installed])
            #expect(ended == .init(status: 0, errors: ""))
            #expect(said == Self.names.map { "\(directory.path)/\($0)\n" }.joined())
            #expect(try directory.names() == Self.names.sorted())
            for name in Self.names {
                let deployed = try String(contentsOf: root.appending(path: name), encoding: .utf8)
                let remedy = "make it so: hellod units deploy --template --force --program \(Self.installed)"
                #expect(try directory.text(name) == deployed, "\(name); \(remedy)")
            }
        }
    }

    @Test("differ from the units in names, ports, user and configuration alone", arguments: [false, true])
    func difference(callsOut: Bool) throws {
        // Without what stands for the instance in names.
        func lines(of text: String) -> [String] {
            let settings = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
            return settings.map { String($0).replacing(" (%i)", with: "").replacing("@%i", with: "") }
        }
        let (one, template) = (
            try Self.identity("thumbs", callsOut: callsOut, isTemplate: false),
            try Self.identity("thumbs", callsOut: callsOut)
        )
        #expect(
            lines(of: template.service).difference(from: lines(of: one.service)).map(\.text).sorted() == [
                "+Environment=THUMBS_CONFIG=/etc/thumbs/%i.yaml", "+User=thumbs-%i",
            ]
        )
        #expect(
            lines(of: template.sockets).difference(from: lines(of: one.sockets)).map(\.text).sorted() == [
                "-ListenStream=127.0.0.1:8080", "-ListenStream=[::1]:8080",
            ]
        )
        #expect(
            lines(of: template.adminSocket).difference(from: lines(of: one.adminSocket)).map(\.text).sorted() == [
                "+ListenStream=/run/thumbs-admin.sock", "+RemoveOnStop=yes", "+SocketMode=0660",
                "-ListenStream=127.0.0.1:8081",
            ]
        )
    }

    @Test("name no unit and no place that is not the instance's own")
    func own() throws {
        let identity = try Self.identity("thumbs")
        for file in UnitFiles.templates(of: identity) {
            for line in file.text.split(separator: "\n") where !line.hasPrefix("#") {
                let foreign = line.replacing("thumbs@%i", with: "").replacing("thumbs-admin@%i", with: "")
                    .replacing("thumbs-%i", with: "").replacing("/etc/thumbs/%i.yaml", with: "")
                #expect(!foreign.contains("thumbs"), "\(file.name): \(line)")
            }
        }
    }

    @Test("are accepted by systemd without a word", arguments: ["a", "thumbs", String(repeating: "b", count: 24)])
    func verify(name: String) async throws {
        try await ScratchDirectory.with { directory in
            let files = UnitFiles.templates(of: try Self.identity(name))
            _ = try UnitDirectory(directory.path).write(files, overwrites: false)
            let script = """
                SYSTEMD_UNIT_PATH="$1:" systemd-analyze verify --man=no "$1"/*.service "$1"/*.socket 2>&1 && echo accepted
                """
            let said = try await HellodProcess.elsewhere {
                CommandOutput.of(["sh", "-c", script, "sh", directory.path])
            }
            #expect(said == "accepted\n")
        }
    }

    @Test("are not written for a name that leaves no room for a user's, nor with a port")
    func refused() async throws {
        #expect(throws: UnitProblem.self) { try Self.identity(String(repeating: "b", count: 25)) }
        try await ScratchDirectory.with { directory in
            let (ended, said) = try await directory.units([directory.path, "--template", "--port", "9000"])
            #expect(ended.status == 64)
            #expect(ended.errors.contains("--port: a template has none"), "\(ended.errors)")
            #expect(said == "")
            #expect(try directory.names() == [])
        }
    }
}

extension CollectionDifference<String>.Change {
    /// A line that is there in addition, or that is not.
    fileprivate var text: String {
        switch self {
        case .insert(_, let line, _): "+\(line)"
        case .remove(_, let line, _): "-\(line)"
        }
    }
}
