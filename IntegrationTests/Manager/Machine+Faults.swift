// Each fault lasts as long as its body, and is taken back however that ends. What is frozen or full is this very machine's:
// on a `HostMachine`, the host's.
//
// A step of the clock (`withWallClock`) is one of what a unit's processes are told: CLOCK_REALTIME is in no namespace, so that a
// real one would be the host's.
extension Machine {
    /// Freezes all of a unit's processes: it neither answers nor notices how long that lasts. `body` may stop it.
    public func withFrozen<Result>(_ unit: String, _ body: () async throws -> Result) async throws -> Result {
        try await during {
            try await systemctl("freeze", "--", unit)
        } body: {
            try await body()
        } takingBack: {
            let thawed = try await command(["systemctl", "thaw", "--", unit]).run()
            // One that was stopped meanwhile is frozen no more, whatever systemd says of it.
            let isThere = try await !["inactive", "failed"].contains(property("ActiveState", of: unit))
            if isThere { try thawed.successful() }
        }
    }

    /// Stops journald (SIGSTOP): whoever logs goes on until its socket is full, and then waits or loses what it says.
    ///
    /// Nothing can be asked of the journal meanwhile; what was sent to it is there afterwards. systemd kills a journald
    /// that does not answer for three minutes.
    public func withFrozenJournal<Result>(_ body: () async throws -> Result) async throws -> Result {
        let journald = "systemd-journald.service"
        return try await during {
            try await kill(journald, signal: "STOP")
        } body: {
            try await body()
        } takingBack: {
            try await kill(journald, signal: "CONT")
            try await command(["journalctl", "--sync"]).run().successful()
        }
    }

    /// Fills the disk that a directory is on: nothing can be added to a file, and no file that holds something to the directory.
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
            aside=/run/$2
            mkdir -- "$aside"
            mount -t tmpfs -o size=100% "$2" "$aside"
            mkdir "$aside/content"
            cp -a -- "$directory/." "$aside/content"
            used=$(df --output=used -k -- "$aside" | tail -n 1)
            mount -o "remount,size=$((used + 64))k" "$aside"
            dd if=/dev/zero of="$aside/filling" bs=4k 2>/dev/null || :
            [ "$(stat --file-system --format=%a -- "$aside")" -eq 0 ]
            mount --bind -- "$aside/content" "$directory"
            umount --lazy -- "$aside"
            rmdir -- "$aside"
            """
        // Wherever it is mounted, for the script may have come to any line.
        let uncover = """
            set -eu
            while read -r name place _; do
                [ "$name" != "$1" ] || umount --lazy -- "$(printf %b "$place")"
            done </proc/self/mounts
            [ ! -e "/run/$1" ] || rmdir -- "/run/$1"
            """
        guard try await command(["test", "-d", directory]).run().isSuccess else {
            throw FaultError(
                "there is no directory \(directory) in \(self.name); a unit's StateDirectory= is made by its start"
            )
        }
        let name = "full-disk-\(UInt64.random(in: 0...UInt64.max))"
        return try await during {
            try await command(["sh", "-c", cover, "cover", directory, name], timeout: .seconds(60)).run().successful()
        } body: {
            try await body()
        } takingBack: {
            try await command(["sh", "-c", uncover, "uncover", name]).run().successful()
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
        return try await during {
            try await command(["sh", "-c", limit, "limit", process, free]).run().successful()
        } body: {
            try await body()
        } takingBack: {
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

    /// Brings a fault about, runs `body`, and takes the fault back, whether that throws or its task is cancelled. A command that
    /// was cancelled may have done what it was to do: what is taken back may not be there.
    func during<Result>(
        _ bringingAbout: () async throws -> Void,
        body: () async throws -> Result,
        takingBack: @escaping @Sendable () async throws -> Void
    ) async throws -> Result {
        let result: Result
        do {
            try await bringingAbout()
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
