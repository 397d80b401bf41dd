import Glibc

/// Descriptors 0 to 2, which everything takes for standard input, output and error.
enum StandardDescriptors {
    /// Opens /dev/null on those that are closed. Otherwise the next socket would be one of them, and what is written to
    /// standard error would go to whoever is at its other end.
    ///
    /// Standard output is then one that cannot be written to, so that a command that nobody hears fails.
    ///
    /// - Returns: Whether each is open now.
    static func reserve() -> Bool {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            // The lowest free number, so this one: those below are open. Where there is no /dev, the root will do.
            let mode = descriptor == STDERR_FILENO ? O_WRONLY : O_RDONLY
            var opened = open("/dev/null", mode)
            if opened < 0 { opened = open("/", O_RDONLY | O_DIRECTORY) }
            guard opened == descriptor else { return false }
        }
        return true
    }
}
