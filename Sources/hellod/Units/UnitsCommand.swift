import ArgumentParser
import Glibc

/// `hellod units DIR`: the files with which the daemon is installed.
struct UnitsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "units",
        abstract: "Write the systemd units and an example configuration.",
        usage: "hellod units <dir> [<options>]",
        discussion: """
            Writes hello.socket, hello.service, hello-admin.socket and hello.yaml, and prints the path of each file \
            that it writes. What is there with the same content stays; if any file is there with other content, \
            nothing is written without --force. Units belong into /etc/systemd/system, and hello.yaml into \
            /etc/hello.
            """
    )

    @Argument(help: ArgumentHelp("The directory. It is made if it is not there.", valueName: "dir"))
    var directory: String

    @Option(
        help: ArgumentHelp(
            "The port for clients, on loopback; the admin socket has the next one. (default: 8080)",
            valueName: "port"
        )
    )
    var port: [Int] = []

    @Option(help: ArgumentHelp("Where the program is. (default: this one's own path)", valueName: "path"))
    var program: [String] = []

    @Flag(help: "Replace files that have other content.")
    var force: Int

    func validate() throws {
        if port.count > 1 { throw ValidationError("--port: given twice (give it once)") }
        if program.count > 1 { throw ValidationError("--program: given twice (give it once)") }
        if force > 1 { throw ValidationError("--force: given twice (give it once)") }
        if let port = port.first, !(1...65534).contains(port) {
            throw ValidationError("--port: \(port) is out of range (1 to 65534: the next one is needed, too)")
        }
        do {
            if let path = program.first { try UnitIdentity.check(programPath: path) }
        } catch {
            throw ValidationError("--program: \(error.line)")
        }
    }

    func run() throws {
        do {
            let path = try program.first ?? Self.ownPath()
            let identity = try UnitIdentity.hello(programPath: path, port: port.first ?? UnitIdentity.defaultPort)
            if let warning = UnitFiles.warning(about: path) { StandardError.write("hellod: warning: \(warning)") }
            let files = UnitFiles.all(of: identity, configuration: DaemonConfiguration.defaultsDocument + "\n")
            let written = try UnitDirectory(directory).write(files, overwrites: force > 0)
            for path in written { try StandardOutput.write(path) }
        } catch let problem as UnitProblem {
            StandardError.write("hellod: \(problem.line)")
            throw ExitCode(ExitStatus.system.rawValue)
        }
    }

    /// The path of the program that runs.
    private static func ownPath() throws(UnitProblem) -> String {
        var octets = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &octets, octets.count)
        guard count > 0 else { throw .failed("cannot tell this program's own path (give --program)", errno) }
        return String(decoding: octets.prefix(count), as: UTF8.self)
    }
}
