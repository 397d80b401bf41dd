import ServiceSettings

/// One file that a command writes: where, and what.
struct UnitFile: Sendable, Equatable {
    /// Its name in the directory: `hello.service`.
    let name: String
    /// All that is in it.
    let text: String
}

/// The files with which a daemon is installed.
enum UnitFiles {
    /// The units of a daemon, and its configuration.
    ///
    /// - Parameter configuration: an example, with every setting at its default; or what its people want instead.
    static func all(of identity: UnitIdentity, configuration: String) -> [UnitFile] {
        [
            UnitFile(name: "\(identity.name).socket", text: identity.sockets),
            UnitFile(name: "\(identity.name).service", text: identity.service),
            UnitFile(name: "\(identity.name)-admin.socket", text: identity.adminSocket),
            UnitFile(name: "\(identity.name).yaml", text: configuration),
        ]
    }

    /// The templates of a daemon. What an instance is told, and where it listens, is its administrator's.
    static func templates(of identity: UnitIdentity) -> [UnitFile] {
        [
            UnitFile(name: "\(identity.name)@.socket", text: identity.sockets),
            UnitFile(name: "\(identity.name)@.service", text: identity.service),
            UnitFile(name: "\(identity.name)-admin@.socket", text: identity.adminSocket),
        ]
    }

    /// What the sandbox of the service shows otherwise than the machine has it, so that no program can be run from there.
    private static let hidden = ["/home", "/root", "/run", "/tmp", "/var/tmp", "/dev"]

    /// What is wrong with a place for the program, or nil: the service would fail with `203/EXEC` or a permission.
    static func warning(about programPath: String) -> String? {
        guard let directory = hidden.first(where: { programPath.hasPrefix($0 + "/") }) else { return nil }
        return "the sandbox of the service hides \(directory): install \(escaped(programPath)) elsewhere (--program)"
    }
}
