import CGlibc
import Glibc

/// What another program says.
enum CommandOutput {
    /// Runs a program that is looked for in `PATH`, and returns what it prints; nil if it cannot be run or fails.
    ///
    /// Its standard error is this process's.
    static func of(_ arguments: [String]) -> String? {
        var ends: [CInt] = [-1, -1]
        guard socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            return nil
        }
        defer { close(ends[0]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        var strings: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        strings.append(nil)
        defer { for string in strings { free(string) } }
        var pid: pid_t = 0
        let error = posix_spawnp(
            &pid,
            arguments[0],
            &actions,
            nil,
            strings,
            UnsafeMutablePointer(mutating: hello_environment())
        )
        close(ends[1])
        guard error == 0 else { return nil }
        var octets: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(ends[0], &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { break }
            octets += chunk.prefix(count)
        }
        var status: CInt = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        return status == 0 ? String(decoding: octets, as: UTF8.self) : nil
    }
}
