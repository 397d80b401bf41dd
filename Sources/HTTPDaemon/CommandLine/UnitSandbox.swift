/// Which paths of the machine a unit hides from its service.
struct UnitSandbox: Equatable {
    /// A directory, and the setting that hides or shows it.
    private struct Place: Equatable {
        let directory: String
        let setting: String
    }

    private var hidden: [Place] = []
    private var shown: [String] = []

    /// The settings that ``read(_:_:)`` knows.
    static let properties = [
        "ProtectHome", "PrivateTmp", "TemporaryFileSystem", "InaccessiblePaths", "BindPaths", "BindReadOnlyPaths",
        "RuntimeDirectory",
    ]

    /// Takes in a setting as `systemctl show` says it.
    mutating func read(_ name: String, _ value: String) {
        let words = SystemdText.words(value)
        // `-` is for what need not be there, `+` for what is below RootDirectory=.
        let paths = words.map { $0.drop { $0 == "-" || $0 == "+" }.split(separator: ":").map(String.init) }
        switch name {
        case "ProtectHome" where value == "yes" || value == "tmpfs":
            hidden += ["/home", "/root", "/run/user"].map { Place(directory: $0, setting: "\(name)=\(value)") }
        case "PrivateTmp" where value != "no":
            hidden += ["/tmp", "/var/tmp"].map { Place(directory: $0, setting: "\(name)=\(value)") }
        case "TemporaryFileSystem", "InaccessiblePaths":
            hidden += paths.compactMap(\.first).map { Place(directory: $0, setting: "\(name)=\($0)") }
        case "BindPaths", "BindReadOnlyPaths":
            shown += paths.compactMap { $0.count > 1 ? $0[1] : $0.first }
        case "RuntimeDirectory":
            shown += words.map { "/run/\($0)" }
        default: break
        }
    }

    /// The directory that hides a path, and by which setting; nil where the service sees what the machine has.
    func obstacle(to path: String) -> (directory: String, setting: String)? {
        let above = hidden.filter { Self.isBelow(path, $0.directory) }
        guard let nearest = above.max(by: { $0.directory.utf8.count < $1.directory.utf8.count }) else { return nil }
        // What is nearer to the path wins.
        let isShown = shown.contains {
            Self.isBelow(path, $0) && $0.utf8.count >= nearest.directory.utf8.count
        }
        return isShown ? nil : (nearest.directory, nearest.setting)
    }

    private static func isBelow(_ path: String, _ directory: String) -> Bool {
        path == directory || path.hasPrefix(directory.hasSuffix("/") ? directory : directory + "/")
    }
}
