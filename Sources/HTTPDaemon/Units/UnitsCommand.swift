import ArgumentParser
import Glibc
import ServiceSettings

/// `units DIR`: the files with which the daemon is installed.
struct Units<D: Daemon>: ParsableCommand {
    static var configuration: CommandConfiguration {
        let (name, program) = (D.identity.name, D.identity.program)
        return CommandConfiguration(
            commandName: "units",
            abstract: "Write the systemd units and an example configuration.",
            usage: "\(program) units <dir> [<options>]",
            discussion: """
                Writes \(name).socket, \(name).service, \(name)-admin.socket and \(name).yaml, and prints the path of each file \
                that it writes. What is there with the same content stays; if any file is there with other content, \
                nothing is written without --force. Units belong into /etc/systemd/system, and \(name).yaml into \
                /etc/\(name).

                With --template it writes \(name)@.socket, \(name)@.service and \(name)-admin@.socket instead, for as many \
                instances as there are /etc/\(name)/INSTANCE.yaml; drop-ins of \(name)@INSTANCE.socket name their ports.
                """
        )
    }

    @Argument(
        help: ArgumentHelp("The directory. It is made if it is not there.", valueName: "dir"),
        completion: .directory
    )
    var directory: String

    @Option(
        help: ArgumentHelp(
            "The port for clients, on loopback; the admin socket has the next one. (default: 8080)",
            valueName: "port"
        )
    )
    var port: [Int] = []

    @Option(
        help: ArgumentHelp("Where the program is. (default: this one's own path)", valueName: "path"),
        completion: .file()
    )
    var program: [String] = []

    @Flag(help: "Write templates, for several instances on one machine.")
    var template: Int

    @Flag(help: "Replace files that have other content.")
    var force: Int

    func validate() throws {
        if port.count > 1 { throw ValidationError("--port: given twice (give it once)") }
        if program.count > 1 { throw ValidationError("--program: given twice (give it once)") }
        if force > 1 { throw ValidationError("--force: given twice (give it once)") }
        if template > 1 { throw ValidationError("--template: given twice (give it once)") }
        if template > 0, !port.isEmpty {
            throw ValidationError("--port: a template has none (drop-ins of its instances do)")
        }
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
            let identity = try UnitIdentity(
                D.identity,
                programPath: path,
                port: port.first ?? UnitIdentity.defaultPort,
                isTemplate: template > 0
            )
            if let warning = UnitFiles.warning(about: path) { StandardError.tell("warning: \(warning)") }
            let written = try UnitDirectory(directory).write(files(of: identity), overwrites: force > 0)
            for path in written { try StandardOutput.write(path) }
        } catch let problem as UnitProblem {
            StandardError.tell("\(problem.line)")
            throw ExitCode(ExitStatus.system.rawValue)
        }
    }

    private func files(of identity: UnitIdentity) -> [UnitFile] {
        guard template == 0 else { return UnitFiles.templates(of: identity) }
        let example = ServiceConfiguration<D.Settings>.schema(D.identity).defaultsDocument + "\n"
        return UnitFiles.all(of: identity, configuration: example)
    }

    /// The path of the program that runs.
    private static func ownPath() throws(UnitProblem) -> String {
        var octets = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &octets, octets.count)
        guard count > 0 else { throw .failed("cannot tell this program's own path (give --program)", errno) }
        return String(decoding: octets.prefix(count), as: UTF8.self)
    }
}
