import CSystemd
import Glibc

extension ListenVariables {
    /// Takes the variables out of the environment of this process, so that no child can mistake them for its own.
    ///
    /// setenv(3) and getenv(3) do not go together with threads: to be called before any starts.
    static func takeFromEnvironment() -> ListenVariables {
        let variables = ListenVariables(
            pid: Environment.value("LISTEN_PID"),
            pidfdID: Environment.value("LISTEN_PIDFDID"),
            count: Environment.value("LISTEN_FDS"),
            names: Environment.value("LISTEN_FDNAMES")
        )
        for name in ["LISTEN_PID", "LISTEN_PIDFDID", "LISTEN_FDS", "LISTEN_FDNAMES"] {
            unsetenv(name)
        }
        return variables
    }

    /// The inode of this process's pidfd, which no other process ever has while the machine runs; `nil` where the
    /// kernel cannot tell (before Linux 6.9) or may not be asked.
    static func ownPidfdID() -> UInt64? {
        let number = csystemd_pidfd_open(getpid())
        guard number >= 0 else { return nil }
        let pidfd = OwnedDescriptor(number)
        var status = stat()
        guard csystemd_is_on_pidfs(pidfd.number) != 0, fstat(pidfd.number, &status) == 0 else { return nil }
        return UInt64(status.st_ino)
    }
}

/// The environment of this process.
enum Environment {
    /// The value of a variable, with what is not UTF-8 replaced, or `nil` if it is not set.
    static func value(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
