/// How grave an entry of the journal is, the gravest first (syslog(3)).
public enum JournalPriority: String, Sendable, CaseIterable {
    case emergency = "emerg"
    case alert
    case critical = "crit"
    case error = "err"
    case warning
    case notice
    case info
    case debug
}

extension Machine {
    /// Expects that nothing grave was logged but what is allowed.
    ///
    /// The journald of a ``PrivateMachine`` has no rate limit; a host's drops what is too much, and tells of that at `info`.
    ///
    ///     try await machine.expectNothingLogged(except: [["MESSAGE_ID": "…"]], unit: "my.service")
    ///
    /// - Parameters:
    ///   - priority: The least grave entries that are looked at.
    ///   - allowed: Entries that have all fields of one of these are expected.
    ///   - unit: Only of this unit, with what systemd says about it; `nil` is all that the machine logs. Its boot warns of what
    ///     the host does not allow: leave that out with a `position`.
    ///   - position: Only what is behind it in the journal.
    /// - Throws: ``UnexpectedEntries``.
    public func expectNothingLogged(
        from priority: JournalPriority = .warning,
        except allowed: [[String: String]] = [],
        unit: String? = nil,
        after position: JournalPosition? = nil
    ) async throws {
        let found = try await journal(matching: ["--priority=\(priority.rawValue)"], unit: unit, after: position)
        let unexpected = found.filter { entry in
            !allowed.contains { !$0.isEmpty && $0.allSatisfy { entry[$0.key] == $0.value } }
        }
        guard unexpected.isEmpty else {
            throw UnexpectedEntries(what: "of priority \(priority) or graver", entries: unexpected)
        }
    }

    /// Expects that no unit's process ended by a signal that dumps core: a trap, a segmentation fault, an abort, which
    /// the watchdog sends, too.
    ///
    /// systemd tells of the processes that it started itself. Of others systemd-coredump tells, where it is installed.
    /// - Parameters:
    ///   - unit: Only of this unit.
    ///   - position: Only what is behind it in the journal.
    /// - Throws: ``UnexpectedEntries``, whether a core was written or not.
    public func expectNoCrash(unit: String? = nil, after position: JournalPosition? = nil) async throws {
        // SD_MESSAGE_UNIT_PROCESS_EXIT and SD_MESSAGE_COREDUMP: what journalctl is told twice, either of.
        let (exit, coredump) = ("98e322203f7a4ed290d09fe03c09fe15", "fc2e22bc6ee647b6b90729ab34a250b1")
        let found = try await journal(
            matching: ["MESSAGE_ID=\(exit)", "MESSAGE_ID=\(coredump)"],
            unit: unit,
            after: position
        )
        let crashes = found.filter { entry in
            switch (entry["MESSAGE_ID"], entry["EXIT_CODE"]) {
            case (coredump, _), (_, "dumped"): true
            case (_, "killed"): Self.crashes.contains(entry["EXIT_STATUS"] ?? "")
            default: false
            }
        }
        guard crashes.isEmpty else { throw UnexpectedEntries(what: "of a crash", entries: crashes) }
    }

    /// The signals that dump core, by number, where there is a limit of 0 for its size (signal(7)).
    private static var crashes: Set<String> { ["3", "4", "5", "6", "7", "8", "11", "24", "25", "31"] }
}

/// Entries of a journal that should not be there.
public struct UnexpectedEntries: Error, CustomStringConvertible {
    /// What they have in common.
    let what: String
    /// All of them, the oldest first.
    public let entries: [JournalEntry]

    /// How many there are, and the first of them, a line each.
    public var description: String {
        let lines = entries.prefix(20).map { entry in
            let names = [entry["UNIT"] ?? entry["_SYSTEMD_UNIT"], entry["SYSLOG_IDENTIFIER"]].compactMap { $0 }
            let identifier = entry["MESSAGE_ID"].map { " (MESSAGE_ID=\($0))" } ?? ""
            return "\n  \(names.joined(separator: " ")): \(entry["MESSAGE"] ?? "")\(identifier)"
        }
        let rest = entries.count > lines.count ? "\n  … and \(entries.count - lines.count) more" : ""
        return "\(entries.count) unexpected entries \(what):" + lines.joined() + rest
    }
}
