import ArgumentParser
import Foundation
import Testing

@testable import HTTPDaemon
@testable import ServiceSettings
@testable import hellod

@Suite("What units writes, and what it leaves alone")
struct UnitsCommandTests {
    private let program = ["--program", "/usr/local/bin/hellod"]

    @Test("another file keeps all of them from being written, and is named")
    func another() async throws {
        try await ScratchDirectory.with { directory in
            try directory.write("mine", to: "hello-admin.socket")
            let (ended, said) = try await directory.units([directory.path] + program)
            #expect(ended.status == 71)
            #expect(ended.errors.hasPrefix("hellod: nothing is written"), "\(ended.errors)")
            #expect(ended.errors.contains("\(directory.path)/hello-admin.socket (--force"), "\(ended.errors)")
            #expect(ended.errors.split(separator: "\n").count == 1)
            #expect(said == "")
            #expect(try directory.text("hello-admin.socket") == "mine")
            #expect(try directory.names() == ["hello-admin.socket"])
        }
    }

    @Test("with --force it is replaced, and what is so already is not touched")
    func force() async throws {
        try await ScratchDirectory.with { directory in
            #expect(try await directory.units([directory.path] + program).ended.status == 0)
            let before = directory.inode("hello.service")
            try directory.write("mine", to: "hello.yaml")
            let (ended, said) = try await directory.units([directory.path, "--force"] + program)
            #expect(ended == .init(status: 0, errors: ""))
            #expect(said == "\(directory.path)/hello.yaml\n")
            #expect(try directory.text("hello.yaml") == schema.defaultsDocument + "\n")
            #expect(directory.inode("hello.service") == before)
            #expect(try directory.names().count == 4)
        }
    }

    @Test("a unit that is masked, or no file, is left as it is, whatever is asked")
    func masked() async throws {
        try await ScratchDirectory.with { directory in
            let files = [UnitFile(name: "a.socket", text: "a"), UnitFile(name: "b.socket", text: "b")]
            symlink("/dev/null", directory.path + "/b.socket")
            for overwrites in [false, true] {
                let problem = #expect(throws: UnitProblem.self) {
                    try UnitDirectory(directory.path).write(files, overwrites: overwrites)
                }
                #expect(problem?.line.contains("\(directory.path)/b.socket") == true)
                let left = try directory.names()
                #expect(left == ["b.socket"])
            }
            unlink(directory.path + "/b.socket")
            mkdir(directory.path + "/b.socket", 0o755)
            #expect(throws: UnitProblem.self) { try UnitDirectory(directory.path).write(files, overwrites: true) }
            let left = try directory.names()
            #expect(left == ["b.socket"])
        }
    }

    @Test("what cannot be written leaves nothing behind")
    func fails() async throws {
        try await ScratchDirectory.with { directory in
            // Nothing can be made beside the second one, whose directory is not there.
            let files = [UnitFile(name: "a.socket", text: "a"), UnitFile(name: "no/b.socket", text: "b")]
            let problem = #expect(throws: UnitProblem.self) {
                try UnitDirectory(directory.path).write(files, overwrites: false)
            }
            #expect(problem?.line == "cannot write \(directory.path)/no/b.socket: No such file or directory")
            let left = try directory.names()
            #expect(left == [])
        }
    }

    @Test("a directory that cannot be one is told in one line", arguments: ["/proc/version", "/no/such/place"])
    func place(path: String) async throws {
        try await ScratchDirectory.with { directory in
            let (ended, said) = try await directory.units([path] + program)
            #expect(ended.status == 71)
            #expect(ended.errors.hasPrefix("hellod: ") && ended.errors.contains(path), "\(ended.errors)")
            #expect(ended.errors.split(separator: "\n").count == 1)
            #expect(said == "")
        }
    }

    @Test("a program that the sandbox hides is warned of", arguments: ["/home/a/hellod", "/tmp/hellod"])
    func hidden(path: String) async throws {
        try await ScratchDirectory.with { directory in
            let (ended, _) = try await directory.units([directory.path, "--program", path])
            #expect(ended.status == 0)
            #expect(ended.errors.hasPrefix("hellod: warning: the sandbox"), "\(ended.errors)")
        }
        #expect(UnitFiles.warning(about: "/usr/local/bin/hellod") == nil)
    }

    @Test(
        "a wrong command line is refused",
        arguments: [
            [], ["a", "b"], ["a", "--port", "0"], ["a", "--port", "65535"], ["a", "--port", "x"],
            ["a", "--port", "1", "--port", "2"], ["a", "--program", "hellod"], ["a", "--program", "/a b"],
            ["a", "--program", "/a", "--program", "/b"], ["a", "--force", "--force"],
        ]
    )
    func refused(arguments: [String]) {
        #expect(throws: (any Error).self) { try DaemonProgram<Hello>.parseAsRoot(["units"] + arguments) }
    }

    @Test("the manual page and the help have every option")
    func documented() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        let file = try String(contentsOf: root.appending(path: "deploy/hellod.8"), encoding: .utf8)
        let page = file.replacing("\\-", with: "-")
        #expect(page.contains("\n.B hellod units\n") && page.contains("\n.BI units\\~ dir\n"))
        let help = Units<Hello>.helpMessage(columns: 80)
        let options = Set(help.matches(of: /--[a-z][a-z-]*/).map { String($0.output) })
        #expect(options.isSuperset(of: ["--port", "--program", "--force"]))
        for option in options { #expect(page.contains(option), "\(option)") }
        for line in help.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    }
}
