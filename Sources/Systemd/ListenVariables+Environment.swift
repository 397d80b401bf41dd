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

    /// The inode of this process's pidfd, or `nil` where the kernel cannot tell (before Linux 6.9, or not allowed).
    static func ownPidfdID() -> UInt64? {
        var id: UInt64 = 0
        return csystemd_own_pidfd_id(&id) == 0 ? id : nil
    }
}

/// The environment of this process.
enum Environment {
    /// The value of a variable, with what is not UTF-8 replaced, or `nil` if it is not set.
    static func value(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
