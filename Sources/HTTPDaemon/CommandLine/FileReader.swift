import CGlibc
import Glibc

/// Somebody who opens files, as far as permission bits go.
struct FileReader {
    private let user: uid_t?
    private let groups: Set<gid_t>

    /// One that may read everything.
    static let root = FileReader(user: 0, groups: [])

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

    /// The same one in more groups, by name or number. One that this machine does not know opens nothing.
    func joining(_ names: [String]) -> FileReader {
        FileReader(user: user, groups: groups.union(names.compactMap(Self.group)))
    }

    /// Whether this machine knows a group of that name, or it is a number.
    static func isGroup(_ name: String) -> Bool { group(name) != nil }

    private static func group(_ name: String) -> gid_t? { getgrnam(name)?.pointee.gr_gid ?? gid_t(name) }

    /// What stands between this reader and a file: a directory that cannot be entered, or the file; nil is nothing.
    ///
    /// - Parameter bit: What others need of the file itself: to read it (`S_IROTH`), or to run it (`S_IXOTH`).
    func obstacle(to path: String, needing bit: mode_t = S_IROTH) -> String? {
        if user == 0 { return nil }
        var directory = ""
        for name in path.split(separator: "/").dropLast() {
            directory += "/\(name)"
            if !may(S_IXOTH, directory) { return directory }
        }
        return may(bit, path) ? nil : path
    }

    private func may(_ bit: mode_t, _ path: String) -> Bool {
        var status = stat()
        // What is not there is somebody else's problem.
        guard stat(path, &status) == 0 else { return true }
        let shift: mode_t = status.st_uid == user ? 6 : groups.contains(status.st_gid) ? 3 : 0
        if status.st_mode & (bit << shift) != 0 { return true }
        // A list of access may name this user or a group; who is neither, is one of the others.
        return (user != nil || !groups.isEmpty) && getxattr(path, "system.posix_acl_access", nil, 0) > 0
    }
}
