import ArgumentParser
import Glibc
import ServiceSettings

/// How the service manager would run a unit of this daemon: what `check-config --unit` goes by.
///
/// Read from `systemctl show`, which has put the unit's file and its drop-ins together.
struct ServiceView: Equatable {
    /// The unit's file and its drop-ins.
    var files: [String] = []
    /// The variables of `Environment=`, and of the files of `EnvironmentFile=`, which win.
    var environment: [String: String] = [:]
    /// The files of `EnvironmentFile=` that were read.
    var environmentFiles: [String] = []
    /// The arguments of `ExecStart=`, without the program.
    var arguments: [String] = []
    /// The name in `User=`; empty is root, unless the user is made for each run.
    var user = ""
    /// Whether the user is made for each run (`DynamicUser=`), and so is nobody that a file could be given to.
    var hasDynamicUser = false
    /// What keeps the view from being whole.
    var warnings: [String] = []

    /// Why there is none.
    struct Problem: Error {
        let line: String
    }

    private static let properties = [
        "LoadState", "FragmentPath", "DropInPaths", "Environment", "EnvironmentFiles", "UnsetEnvironment", "ExecStart",
        "User", "DynamicUser", "NeedDaemonReload",
    ]

    /// Asks the service manager.
    static func ask(_ unit: String) throws(Problem) -> ServiceView {
        let command = ["systemctl", "show", "--property=" + properties.joined(separator: ","), "--", unit]
        guard let text = CommandOutput.of(command) else {
            throw Problem(line: "\(quoted(unit)): the service manager does not answer (systemctl show)")
        }
        return try ServiceView(text, unit: unit) { path in
            if case .text(let text, _) = ConfigurationFile.read(path, namedBy: "EnvironmentFile=") { text } else { nil }
        }
    }

    /// Reads what `systemctl show` says.
    init(_ text: String, unit: String, readFile: (String) -> String?) throws(Problem) {
        var unset: [String] = []
        var loadState = ""
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[1].isEmpty else { continue }
            let value = String(parts[1])
            switch parts[0] {
            case "LoadState": loadState = value
            case "FragmentPath": files.insert(value, at: 0)
            case "DropInPaths": files += SystemdText.words(value)
            case "Environment": set(SystemdText.words(value))
            case "EnvironmentFiles": environmentFiles.append(value)
            case "UnsetEnvironment": unset = SystemdText.words(value)
            case "ExecStart": arguments = Self.arguments(value)
            case "User": user = value
            case "DynamicUser": hasDynamicUser = value == "yes"
            case "NeedDaemonReload" where value == "yes":
                warnings.append("\(unit) has changed on disk: systemctl daemon-reload")
            default: break
            }
        }
        guard loadState == "loaded" else {
            throw Problem(line: "\(quoted(unit)): the service manager has no such unit (\(loadState))")
        }
        readEnvironmentFiles(readFile)
        for name in unset {
            let parts = name.split(separator: "=", maxSplits: 1).map(String.init)
            guard let first = parts.first, parts.count == 1 || environment[first] == parts[1] else { continue }
            environment[first] = nil
        }
    }

    /// `/path (ignore_errors=yes)`, one a line; the later wins.
    private mutating func readEnvironmentFiles(_ readFile: (String) -> String?) {
        let listed = environmentFiles
        environmentFiles = []
        for entry in listed {
            let end = entry.firstRange(of: " (ignore_errors=")?.lowerBound ?? entry.endIndex
            let path = String(entry[..<end])
            if let text = readFile(path) {
                environmentFiles.append(path)
                set(SystemdText.assignments(text))
            } else if entry.hasSuffix("=no)") {
                warnings.append("EnvironmentFile=\(path) cannot be read here, and is left out")
            }
        }
    }

    private mutating func set(_ assignments: [String]) {
        for assignment in assignments {
            let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { environment[String(parts[0])] = String(parts[1]) }
        }
    }

    /// `{ path=… ; argv[]=/usr/bin/greeter serve ; ignore_errors=no ; … }`, the arguments separated by blanks.
    private static func arguments(_ text: String) -> [String] {
        guard let start = text.firstRange(of: "argv[]=")?.upperBound else { return [] }
        let end = text.firstRange(of: " ; ignore_errors=")?.lowerBound ?? text.endIndex
        return text[start..<max(start, end)].split(separator: " ").dropFirst().map(String.init)
    }
}

extension ServiceView {
    /// What would load the configuration in the service.
    func loader<D: Daemon>(
        _ daemon: D.Type,
        _ schema: SettingsSchema<ServiceConfiguration<D.Settings>>
    ) throws -> ConfigurationLoader<ServiceConfiguration<D.Settings>> {
        guard let serve = try DaemonProgram<D>.parse(arguments, schema) as? Serve<D> else {
            let command = quoted(arguments.joined(separator: " "))
            throw Problem(line: "ExecStart= runs no \"\(D.identity.program) serve\": \(command)")
        }
        return serve.options.loader(schema, environment: environment)
    }

    /// Says that the service's user cannot read a file, or nil.
    func refusal(of path: String) -> String? {
        let reader: FileReader
        if hasDynamicUser || user.isEmpty {
            guard hasDynamicUser else { return nil }
            reader = .nobody
        } else {
            guard let known = FileReader(user: user) else { return nil }
            reader = known
        }
        guard let obstacle = reader.obstacle(to: path) else { return nil }
        let who = hasDynamicUser ? "the service's dynamic user" : "the service's user \(user)"
        let remedy = hasDynamicUser ? "chmod a+r" : "chmod or chown"
        return "\(path): \(who) cannot read it\(obstacle == path ? "" : ": \(obstacle) is closed to it") (\(remedy))"
    }
}

/// Somebody who opens files, as far as permission bits go.
struct FileReader {
    private let user: uid_t?
    private let groups: Set<gid_t>

    /// One that owns nothing and is in no group.
    static let nobody = FileReader(user: nil, groups: [])

    private init(user: uid_t?, groups: Set<gid_t>) {
        (self.user, self.groups) = (user, groups)
    }

    /// A user of this machine, by name or number; nil if there is none.
    init?(user name: String) {
        guard let entry = getpwnam(name) ?? uid_t(name).flatMap({ getpwuid($0) }) else { return nil }
        var groups = [gid_t](repeating: 0, count: 256)
        var count = CInt(groups.count)
        let found = getgrouplist(entry.pointee.pw_name, entry.pointee.pw_gid, &groups, &count)
        self.init(
            user: entry.pointee.pw_uid,
            groups: Set(found < 0 ? [entry.pointee.pw_gid] : groups.prefix(Int(count)))
        )
    }

    /// What stands between this reader and a file: a directory that cannot be entered, or the file; nil is nothing.
    func obstacle(to path: String) -> String? {
        if user == 0 { return nil }
        var directory = ""
        for name in path.split(separator: "/").dropLast() {
            directory += "/\(name)"
            if !may(S_IXOTH, directory) { return directory }
        }
        return may(S_IROTH, path) ? nil : path
    }

    private func may(_ bit: mode_t, _ path: String) -> Bool {
        var status = stat()
        // What is not there is somebody else's problem.
        guard stat(path, &status) == 0 else { return true }
        let shift: mode_t = status.st_uid == user ? 6 : groups.contains(status.st_gid) ? 3 : 0
        return status.st_mode & (bit << shift) != 0
    }
}
