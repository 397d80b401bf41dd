import Glibc
import ServiceSettings

extension ServiceView {
    private static let properties =
        [
            "Id", "LoadState", "FragmentPath", "DropInPaths", "Environment", "EnvironmentFiles", "UnsetEnvironment",
            "ExecStart", "User", "Group", "SupplementaryGroups", "DynamicUser", "TimeoutStopUSec", "NeedDaemonReload",
        ] + UnitSandbox.properties

    /// Asks the service manager.
    static func ask(_ unit: String) throws(Problem) -> ServiceView {
        if unit.contains("@.") || unit.hasSuffix("@") {
            let example = unit.replacing("@", with: "@NAME", maxReplacements: 1)
            throw Problem(line: "\(quoted(unit)) is a template: give an instance of it, as \(example)", status: .usage)
        }
        let command = ["systemctl", "show", "--property=" + properties.joined(separator: ","), "--", unit]
        guard let text = CommandOutput.of(command) else {
            throw Problem(line: "\(quoted(unit)): the service manager does not answer (systemctl show)")
        }
        var view = try ServiceView(text, unit: unit, readFile: EnvironmentFile.read)
        let places = CommandOutput.of(["systemctl", "show", "--property=UnitPath"])?.split(separator: "\n") ?? []
        for line in places where line.hasPrefix("UnitPath=") {
            let directories = SystemdText.words(String(line.dropFirst("UnitPath=".count)))
            view.warnings += view.unreadDropIns(in: directories).map(changed)
        }
        return view
    }

    /// Drop-ins that the manager has not read, of which it does not tell where their directory is new.
    func unreadDropIns(in directories: [String]) -> [String] {
        let known = Set(files.compactMap { $0.split(separator: "/").last })
        var names = ["\(name).d"]
        // An instance has those of its template, too.
        if let at = name.firstIndex(of: "@"), let dot = name.lastIndex(of: ".") {
            names.append("\(name[...at])\(name[dot...]).d")
        }
        return directories.flatMap { directory in
            names.flatMap { name in
                Self.files(in: "\(directory)/\(name)").filter { $0.hasSuffix(".conf") && !known.contains($0[...]) }
                    .map { "\(directory)/\(name)/\($0)" }
            }
        }
    }

    private static func files(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { return [] }
        while let entry = readdir(stream) {
            // An entry is as long as its name: what the type says beyond that may not be there.
            names.append(String(cString: (UnsafeRawPointer(entry) + offset).assumingMemoryBound(to: CChar.self)))
        }
        return names.sorted()
    }
}
