import Glibc
import Greeting
import Testing
import Upstreams

@testable import HTTPDaemon
@testable import ServiceSettings
@testable import hellod

@Suite struct ConfigurationFileTests {
    /// Runs a body with the path of a new directory that is removed afterwards.
    private func withDirectory(_ body: (String) throws -> Void) throws {
        var template = Array("/tmp/hellod-configuration-XXXXXX".utf8CString)
        let path = try #require(
            template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!).map { String(cString: $0) } }
        )
        defer {
            for name in ["a.yaml", "b.yaml", "fifo"] { unlink("\(path)/\(name)") }
            rmdir(path)
        }
        try body(path)
    }

    private func write(_ bytes: [UInt8], to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        try #require(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
    }

    private func message(_ file: ConfigurationFile) -> String? {
        if case .unusable(let problem) = file { problem.description } else { nil }
    }

    private func names(_ defaultFile: String) -> SettingsNames {
        SettingsNames(
            program: "hellod",
            unit: "hello.service",
            environmentPrefix: "HELLO_",
            defaultFile: defaultFile,
            example: nil
        )
    }

    @Test func `the option wins over the variable, and that over the default`() throws {
        try withDirectory { directory in
            let (a, b) = ("\(directory)/a.yaml", "\(directory)/b.yaml")
            try write(Array("a".utf8), to: a)
            try write(Array("b".utf8), to: b)
            let variable = ["HELLO_CONFIG": b]
            #expect(
                ConfigurationFile.locate(option: a, environment: variable, names: schema.names) == .text("a", name: a)
            )
            #expect(
                ConfigurationFile.locate(option: nil, environment: variable, names: names(a)) == .text("b", name: b)
            )
            #expect(ConfigurationFile.locate(option: nil, environment: [:], names: names(a)) == .text("a", name: a))
        }
    }

    @Test func `the default file may be missing, a named one may not`() throws {
        try withDirectory { directory in
            let missing = "\(directory)/a.yaml"
            #expect(ConfigurationFile.locate(option: nil, environment: [:], names: names(missing)) == .none)
            let byOption = ConfigurationFile.locate(option: missing, environment: [:], names: schema.names)
            #expect(
                message(byOption) == "\(missing): cannot open the configuration file named by --config: "
                    + "No such file or directory (create it, or name another)"
            )
            let byVariable = ConfigurationFile.locate(
                option: nil,
                environment: ["HELLO_CONFIG": missing],
                names: schema.names
            )
            #expect(message(byVariable)?.contains("named by HELLO_CONFIG") == true)
        }
    }

    @Test(
        arguments: [
            ("/home/a/hello.yaml", "/home"), ("/root/hello.yaml", "/root"), ("/tmp/none/hello.yaml", "/tmp"),
            ("/nothing/hello.yaml", nil),
        ] as [(String, String?)]
    )
    func `a service is told which places its sandbox may hide`(path: String, hidden: String?) throws {
        let service = ["HELLO_CONFIG": path, "NOTIFY_SOCKET": "/run/notify"]
        let said = message(.locate(option: nil, environment: service, names: schema.names))
        let advice = "may hide \(hidden ?? ""): put the file into /etc/hello)"
        #expect(said?.hasSuffix(advice) == (hidden != nil), "\(said ?? "")")
        // Whoever runs it by hand sees all of the machine.
        let byHand = message(.locate(option: nil, environment: ["HELLO_CONFIG": path], names: schema.names))
        #expect(byHand?.contains("sandbox") == false, "\(byHand ?? "")")
    }

    @Test func `a directory, a FIFO and a device are refused at once`() throws {
        try withDirectory { directory in
            let fifo = "\(directory)/fifo"
            try #require(mkfifo(fifo, 0o600) == 0)
            #expect(message(.read(directory, namedBy: nil))?.contains("is a directory") == true)
            #expect(message(.read(fifo, namedBy: "--config"))?.contains("is no regular file") == true)
            #expect(message(.read("/dev/zero", namedBy: "--config"))?.contains("is no regular file") == true)
            #expect(message(.read("", namedBy: "--config"))?.hasPrefix("--config: the name of") == true)
        }
    }

    @Test func `the size is bounded and the text is UTF-8`() throws {
        try withDirectory { directory in
            let path = "\(directory)/a.yaml"
            try write([UInt8](repeating: 0x23, count: ConfigurationFile.largestSize), to: path)
            #expect(message(.read(path, namedBy: nil)) == nil)
            try write([UInt8](repeating: 0x23, count: ConfigurationFile.largestSize + 1), to: path)
            #expect(message(.read(path, namedBy: nil))?.contains("is larger than 1M") == true)
            try write([0x61, 0xFF], to: path)
            #expect(message(.read(path, namedBy: nil))?.contains("is not UTF-8 text") == true)
            try write([], to: path)
            #expect(ConfigurationFile.read(path, namedBy: nil) == .text("", name: path))
        }
    }

    @Test func `a loader reads the file afresh each time`() throws {
        try withDirectory { directory in
            let path = "\(directory)/a.yaml"
            let loader = ConfigurationLoader(schema, file: path, environment: [:], commandLine: [])
            try write(Array("greeting.delay: 1ms".utf8), to: path)
            #expect(try loader.load().configuration.greeting.delay == .milliseconds(1))
            try write(Array("greeting.delay: 2ms".utf8), to: path)
            #expect(try loader.load().configuration.greeting.delay == .milliseconds(2))
        }
    }
}
