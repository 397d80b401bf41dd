import ArgumentParser
import Glibc
import ServiceSettings

extension ServiceView {
    /// What would load the configuration in the service.
    func loader<D: Daemon>(
        _ daemon: D.Type,
        _ schema: SettingsSchema<ServiceConfiguration<D.Settings>>
    ) throws -> ConfigurationLoader<ServiceConfiguration<D.Settings>> {
        let arguments = try arguments(of: D.identity)
        guard let serve = try DaemonProgram<D>.parse(arguments, schema) as? Serve<D> else {
            let command = quoted(arguments.joined(separator: " "))
            throw Problem(line: "ExecStart= runs no \"\(D.identity.program) serve\": \(command)", status: .usage)
        }
        return serve.options.loader(schema, environment: environment)
    }

    /// The arguments that a daemon would have. A wrapper may stand before it.
    func arguments(of identity: Identity) throws(Problem) -> [String] {
        guard name.hasSuffix(".service") || !name.contains(".") else {
            throw Problem(line: "\(quoted(name)) is no service: give \(identity.name).service", status: .usage)
        }
        let names = [identity.program, Self.lastName(CommandLine.arguments.first ?? "")]
        let own = command.firstIndex { word in
            let name = Self.lastName(word)
            return names.contains(name) || name.hasPrefix("\(identity.program)-")
        }
        guard let own else {
            let command = quoted(command.joined(separator: " "))
            throw Problem(
                line: "\(quoted(name)) is no service of \(identity.program): ExecStart= runs \(command)",
                status: .usage
            )
        }
        return Array(command[(own + 1)...])
    }

    private static func lastName(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? "" }

    /// For what the next start would fail, the settings apart.
    ///
    /// - Parameters:
    ///   - file: Where the configuration is looked for.
    ///   - place: The directory of a configuration that every service sees: `/etc/hello`.
    func obstacles(to file: String, place: String) -> [String] {
        var found = problems
        if !hasDynamicUser, !user.isEmpty, FileReader(user: user) == nil { found.append("User=\(user): no such user") }
        // A dynamic user's group is made with it.
        if !hasDynamicUser, !group.isEmpty, !FileReader.isGroup(group) { found.append("Group=\(group): no such group") }
        for name in supplementaryGroups where !FileReader.isGroup(name) {
            found.append("SupplementaryGroups=\(name): no such group")
        }
        if let problem = programProblem { found.append(problem) }
        if let (directory, setting) = hiding(file) {
            found.append("\(file): the sandbox of the unit hides \(directory): \(setting) (put the file into \(place))")
        } else if let problem = refusal(of: file) {
            found.append(problem)
        }
        return found
    }

    /// Says that a stop may be cut short, or nil.
    func stopWarning(lameDuck: Duration, drainTimeout: Duration) -> String? {
        guard let stopTimeout, lameDuck + drainTimeout >= stopTimeout else { return nil }
        return "lame_duck (\(lameDuck.settingText)) and drain_timeout (\(drainTimeout.settingText)) together reach "
            + "TimeoutStopSec= (\(stopTimeout.settingText)) of the unit: requests in work may be cut off (raise "
            + "TimeoutStopSec=)"
    }

    /// Says that the service's user cannot read a file, or nil.
    func refusal(of path: String) -> String? {
        for place in Self.places(of: path) {
            guard let obstacle = reader?.obstacle(to: place) else { continue }
            if obstacle != place {
                let remedy = hasDynamicUser ? "chmod a+x \(obstacle)" : "chmod or chown \(obstacle)"
                return "\(path): \(who) cannot read it: \(obstacle) is closed to it (\(remedy))"
            }
            return "\(path): \(who) cannot read it (\(hasDynamicUser ? "chmod a+r" : "chmod or chown") \(obstacle))"
        }
        return nil
    }

    /// Says that the program cannot be run, or nil.
    private var programProblem: String? {
        // systemd looks for one that has no path where it was built to.
        guard program.hasPrefix("/") else { return nil }
        if let (directory, setting) = hiding(program) {
            return "ExecStart=\(program): the sandbox of the unit hides \(directory): \(setting) (install it elsewhere)"
        }
        var status = stat()
        guard stat(program, &status) == 0 else {
            return errno == ENOENT || errno == ENOTDIR ? "ExecStart=\(program): there is no such program" : nil
        }
        let isProgram = status.st_mode & S_IFMT == S_IFREG && status.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH) != 0
        guard isProgram else { return "ExecStart=\(program) cannot be run (chmod a+x)" }
        for place in Self.places(of: program) {
            guard let obstacle = reader?.obstacle(to: place, needing: S_IXOTH) else { continue }
            return "ExecStart=\(program): \(who) cannot run it: \(obstacle) is closed to it (chmod a+x \(obstacle))"
        }
        return nil
    }

    private func hiding(_ path: String) -> (directory: String, setting: String)? {
        Self.places(of: path).lazy.compactMap { sandbox.obstacle(to: $0) }.first
    }

    /// A path, and where it leads if there are links in it.
    private static func places(of path: String) -> [String] {
        guard let real = realpath(path, nil) else { return [path] }
        defer { free(real) }
        let target = String(cString: real)
        return target == path ? [path] : [path, target]
    }

    private var who: String { hasDynamicUser ? "the service's dynamic user" : "the service's user \(user)" }

    /// Who reads files in the service; nil is somebody whom this machine does not know.
    private var reader: FileReader? {
        if user.isEmpty && !hasDynamicUser { return .root }
        let known = user.isEmpty ? nil : FileReader(user: user)
        return (known ?? (hasDynamicUser ? .nobody : nil))?.joining(supplementaryGroups + [group])
    }
}
