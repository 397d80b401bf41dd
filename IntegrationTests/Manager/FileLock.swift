import Glibc

/// A lock on a file's name that one holder has at a time, in this process or another, and that ends with its process.
struct FileLock: ~Copyable {
    private let descriptor: Descriptor

    /// Waits for the lock.
    /// - Parameters:
    ///   - path: A file, which is made and stays: one that is removed is another for whoever waits.
    ///   - what: What is waited for, for messages.
    ///   - limit: For how long.
    /// - Throws: ``WaitedInVain``, ``SystemError`` where the file cannot be opened, and `CancellationError`.
    init(_ path: String, for what: String, within limit: Duration) async throws {
        let descriptor = try Descriptor(path, O_RDWR | O_CREAT, mode: 0o600)
        let deadline = ContinuousClock.now + limit
        // No thread waits in the kernel, for it could not be cancelled.
        while flock(descriptor.number, LOCK_EX | LOCK_NB) != 0 {
            guard [EWOULDBLOCK, EINTR].contains(errno) else { throw SystemError(call: "flock \(path)", code: errno) }
            guard ContinuousClock.now < deadline else {
                throw WaitedInVain(what: what, limit: limit, lastSeen: "somebody else has the lock \(path)")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        self.descriptor = descriptor
    }

    /// Lets the next one have it.
    consuming func release() {}
}
