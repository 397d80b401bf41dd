import ArgumentParser
import Glibc
import ServiceSettings

/// How the service manager would run a unit of this daemon: what `check-config --unit` goes by.
///
/// Read from `systemctl show`, which has put the unit's file and its drop-ins together.
struct ServiceView: Equatable {
    /// What the unit is called, with its kind.
    var name: String
    /// The unit's file and its drop-ins.
    var files: [String] = []
    /// The variables of `Environment=`, and of the files of `EnvironmentFile=`, which win.
    var environment: [String: String] = [:]
    /// The files of `EnvironmentFile=` that were read.
    var environmentFiles: [String] = []
    /// The path of the program in `ExecStart=`.
    var program = ""
    /// The command line of `ExecStart=`, the program's name first.
    var command: [String] = []
    /// The name in `User=`; empty is root, unless the user is made for each run.
    var user = ""
    /// The name in `Group=`; empty is the user's own.
    var group = ""
    /// The names in `SupplementaryGroups=`.
    var supplementaryGroups: [String] = []
    /// Whether the user is made for each run (`DynamicUser=`), and so is nobody that a file could be given to.
    var hasDynamicUser = false
    /// What it hides.
    var sandbox = UnitSandbox()
    /// `TimeoutStopSec=`; nil is none.
    var stopTimeout: Duration?
    /// What an administrator may want to know.
    var warnings: [String] = []
    /// For what the next start would fail, or this view is not whole.
    var problems: [String] = []

    /// Why there is none.
    struct Problem: Error {
        let line: String
        var status = ExitStatus.system
    }

    /// Reads what `systemctl show` says.
    init(_ text: String, unit: String, readFile: (String) -> EnvironmentFile) throws(Problem) {
        name = unit
        var unset: [String] = []
        var loadState = ""
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[1].isEmpty else { continue }
            let value = String(parts[1])
            switch parts[0] {
            case "Id": name = value
            case "LoadState": loadState = value
            case "FragmentPath": files.insert(value, at: 0)
            case "DropInPaths": files += SystemdText.words(value)
            case "Environment": set(SystemdText.words(value))
            case "EnvironmentFiles": environmentFiles.append(value)
            case "UnsetEnvironment": unset = SystemdText.words(value)
            case "ExecStart": readCommand(value)
            case "User": user = value
            case "Group": group = value
            case "SupplementaryGroups": supplementaryGroups = SystemdText.words(value)
            case "DynamicUser": hasDynamicUser = value == "yes"
            case "TimeoutStopUSec": stopTimeout = SystemdText.duration(value)
            case "NeedDaemonReload" where value == "yes": warnings.append(Self.changed(unit))
            default: sandbox.read(String(parts[0]), value)
            }
        }
        guard loadState == "loaded" else { throw .notLoaded(unit, loadState) }
        readEnvironmentFiles(readFile)
        for name in unset {
            let parts = name.split(separator: "=", maxSplits: 1).map(String.init)
            guard let first = parts.first, parts.count == 1 || environment[first] == parts[1] else { continue }
            environment[first] = nil
        }
    }

    /// What is said of files that the manager has not read.
    static func changed(_ what: String) -> String {
        "\(what) has changed on disk, and a restart goes by what was read before: systemctl daemon-reload"
    }

    /// `/path (ignore_errors=yes)`, one a line; the later wins.
    private mutating func readEnvironmentFiles(_ readFile: (String) -> EnvironmentFile) {
        let listed = environmentFiles
        environmentFiles = []
        for entry in listed {
            let end = entry.firstRange(of: " (ignore_errors=")?.lowerBound ?? entry.endIndex
            let path = String(entry[..<end])
            switch readFile(path) {
            case .text(let text):
                environmentFiles.append(path)
                set(SystemdText.assignments(text))
            case .missing where entry.hasSuffix("=no)"):
                problems.append(
                    "EnvironmentFile=\(path): there is no such file, and no start without it (make it, or write "
                        + "EnvironmentFile=-\(path))"
                )
            case .missing: break
            case .closed(let reason):
                problems.append("EnvironmentFile=\(path): cannot be read here: \(reason) (check as root)")
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
    private mutating func readCommand(_ text: String) {
        guard let start = text.firstRange(of: " ; argv[]=") else { return }
        program = String(text[..<start.lowerBound].drop { $0 != "=" }.dropFirst())
        let end = text.firstRange(of: " ; ignore_errors=")?.lowerBound ?? text.endIndex
        command = text[start.upperBound..<max(start.upperBound, end)].split(separator: " ").map(String.init)
    }
}

extension ServiceView.Problem {
    /// There is no unit to look at.
    fileprivate static func notLoaded(_ unit: String, _ state: String) -> Self {
        switch state {
        case "masked": Self(line: "\(quoted(unit)) is masked (systemctl unmask)", status: .configuration)
        case "not-found", "": Self(line: "\(quoted(unit)): the service manager has no such unit")
        default:
            Self(
                line: "\(quoted(unit)): the service manager cannot use its files: \(state) (systemctl status tells)",
                status: .configuration
            )
        }
    }
}
