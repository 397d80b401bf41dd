import Glibc
import ServiceSettings

/// What a file of variables says, or the files that a pattern names (`EnvironmentFile=`, systemd.exec(5)).
enum EnvironmentFile: Equatable {
    /// What is in it, or in all of them.
    case text(String)
    /// There is none.
    case missing
    /// It cannot be read here, for this reason.
    case closed(String)

    /// Reads it as the service manager would.
    static func read(_ pattern: String) -> EnvironmentFile {
        var texts: [String] = []
        for path in paths(pattern) {
            switch ConfigurationFile.read(path, namedBy: "EnvironmentFile=") {
            case .text(let text, _): texts.append(text)
            case .none: return .missing
            case .unusable(let problem):
                guard access(path, R_OK) != 0 else { return .closed(problem.message) }
                return errno == ENOENT ? .missing : .closed(String(cString: strerror(errno)))
            }
        }
        return texts.isEmpty ? .missing : .text(texts.joined(separator: "\n"))
    }

    private static func paths(_ pattern: String) -> [String] {
        guard pattern.contains(where: { "*?[".contains($0) }) else { return [pattern] }
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(pattern, GLOB_NOSORT, nil, &found) == 0 else { return [] }
        return (0..<Int(found.gl_pathc)).compactMap { index in
            found.gl_pathv[index].map { String(cString: $0) }
        }.sorted()
    }
}
