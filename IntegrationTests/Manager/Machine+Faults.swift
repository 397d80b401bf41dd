// Each fault lasts as long as its body, and is taken back however that ends. What is frozen or full is this very machine's:
// on a `HostMachine`, the host's.
//
// There is no step of the clock: CLOCK_REALTIME is in no namespace, so that a step would be one of the host's clock.
extension Machine {
    /// Freezes all of a unit's processes: it neither answers nor notices how long that lasts. `body` may stop it.
    public func withFrozen<Result>(_ unit: String, _ body: () async throws -> Result) async throws -> Result {
        try await systemctl("freeze", "--", unit)
        return try await during(body) {
            let thawed = try await command(["systemctl", "thaw", "--", unit]).run()
            // One that was stopped meanwhile is frozen no more, whatever systemd says of it.
            if try await property("ActiveState", of: unit) == "active" { try thawed.successful() }
        }
    }

    /// Stops journald (SIGSTOP): whoever logs goes on until its socket is full, and then waits or loses what it says.
    ///
    /// Nothing can be asked of the journal meanwhile; what was sent to it is there afterwards. systemd kills a journald
    /// that does not answer for three minutes.
    public func withFrozenJournal<Result>(_ body: () async throws -> Result) async throws -> Result {
        let journald = "systemd-journald.service"
        try await kill(journald, signal: "STOP")
        return try await during(body) {
            try await kill(journald, signal: "CONT")
            try await command(["journalctl", "--sync"]).run().successful()
        }
    }

    /// Fills the disk that a directory is on: nothing can be added to a file or to the directory.
    ///
    /// It is covered with a small file system, on which there is a copy of what is there and no room. Services that run see
    /// that, too. Files that are open before lie below it and can grow. What `body` changes there is gone afterwards.
    public func withFullDisk<Result>(
        at directory: String,
        _ body: () async throws -> Result
    ) async throws -> Result {
        // Covered in one step, by what is full already.
        let cover = """
            set -eu
            directory=$(cd -- "$1" && pwd -P)
            aside=$(mktemp -d /run/full-disk.XXXXXX)
            mount -t tmpfs -o size=100% full-disk "$aside"
            trap 'umount --lazy -- "$aside"; rmdir -- "$aside"' EXIT
            mkdir "$aside/content"
            cp -a -- "$directory/." "$aside/content"
            used=$(df --output=used -k -- "$aside" | tail -n 1)
            mount -o "remount,size=$((used + 64))k" "$aside"
            dd if=/dev/zero of="$aside/filling" bs=4k 2>/dev/null || :
            [ "$(stat --file-system --format=%a -- "$aside")" -eq 0 ]
            mount --bind -- "$aside/content" "$directory"
            """
        try await command(["sh", "-c", cover, "cover", directory], timeout: .seconds(60)).run().successful()
        return try await during(body) {
            try await command(["umount", "--lazy", "--", directory]).run().successful()
        }
    }

    /// Leaves a unit's main process no file descriptor: opening or accepting anything fails (EMFILE), until it closes one.
    ///
    /// It sets the soft limit of the process that runs now. One that takes its place has the limit of the unit.
    public func withoutDescriptors<Result>(
        of unit: String,
        _ body: () async throws -> Result
    ) async throws -> Result {
        // As the process's own user, for another's limits take CAP_SYS_RESOURCE.
        let limit = """
            set -eu
            owner=$(stat --format='--reuid=%u --regid=%g' "/proc/$1")
            setpriv $owner --clear-groups prlimit --pid "$1" --nofile="$2:"
            """
        let read = """
            set -eu
            sed -n 's/^Max open files  *\\([^ ]*\\) .*/\\1/p' "/proc/$1/limits"
            free=0
            while [ -L "/proc/$1/fd/$free" ]; do free=$((free + 1)); done
            echo "$free"
            """
        let process = try await property("MainPID", of: unit)
        guard process != "0" else { throw FaultError("\(unit) has no main process that could lack descriptors") }
        let found = try await command(["sh", "-c", read, "read", process]).run().successful().output
        let numbers = found.split(separator: "\n").map(String.init)
        guard let before = numbers.first, let free = numbers.last else { throw FaultError("\(unit) has no limits") }
        try await command(["sh", "-c", limit, "limit", process, free]).run().successful()
        return try await during(body) {
            guard try await property("MainPID", of: unit) == process else { return }
            try await command(["sh", "-c", limit, "limit", process, before]).run().successful()
        }
    }

    /// Kills a unit's processes at a point that the journal tells: within some hundredths of a second after an entry
    /// that appears while `body` runs.
    ///
    ///     try await machine.kill("my.service", when: ["MESSAGE": "moving the files"]) {
    ///         try? await machine.restart("my.service")
    ///     }
    ///
    /// - Parameters:
    ///   - unit: What is killed.
    ///   - signal: As kill(1) names it.
    ///   - fields: What the entry has.
    ///   - limit: For how long to wait for it, from the beginning of `body`.
    ///   - body: What leads to the point. It may end before.
    /// - Throws: ``WaitedInVain`` when there is no such entry in time, and what `body` throws.
    public func kill<Result: Sendable>(
        _ unit: String,
        signal: String = "KILL",
        when fields: [String: String],
        within limit: Duration = .seconds(10),
        _ body: () async throws -> Result
    ) async throws -> Result {
        let begin = try await journalEnd()
        async let killed: Void = {
            try await waitForEntry(fields, after: begin, within: limit)
            try await kill(unit, signal: signal)
        }()
        let result = try await body()
        try await killed
        return result
    }

    /// Runs `body`, and takes a fault back, whether it throws or its task is cancelled.
    private func during<Result>(
        _ body: () async throws -> Result,
        takingBack: @escaping @Sendable () async throws -> Void
    ) async throws -> Result {
        let result: Result
        do {
            result = try await body()
        } catch {
            // In a task of its own, for a cancelled one could take back nothing. What `body` says comes first.
            try? await Task { try await takingBack() }.value
            throw error
        }
        try await Task { try await takingBack() }.value
        return result
    }
}

/// A fault that could not be brought about.
public struct FaultError: Error, CustomStringConvertible {
    /// Why.
    public let description: String

    init(_ description: String) { self.description = description }
}
