import JournalLogging
import Logging
import Systemd

/// Reloads the configuration on SIGHUP: read and checked whole, then swapped; if it is bad, the old one stays. Signals that
/// come while one is handled are one more reload, however many they are.
extension Daemon {
    /// Reloads, and tells everyone who asks.
    func reload(_ outcome: ReloadOutcomeFile?) {
        spares.lend {
            outcome?.begin()
            manager.notify(.reloading)
            let failure = reload()
            outcome?.end(failure)
            // READY=1 ends a reload that failed, too: the daemon serves as before.
            manager.notify(.ready, .status(statusText))
        }
    }

    /// Applies the configuration anew. Returns what is wrong with it, if anything.
    func reload() -> String? {
        do {
            let loaded = try loader.load()
            let old = configuration
            let differences = DaemonConfiguration.reloadableDifferences(old, loaded.configuration)
            apply(old.reloaded(to: loaded.configuration))
            status.setNote(differences.needRestart.isEmpty ? nil : "a restart is needed for some settings")
            journal.log(
                .reloaded,
                .notice,
                "Configuration reloaded",
                loaded.warnings.map { LogField("warning", .string($0)) }
                    + [
                        LogField("applied", .string(differences.applied.joined(separator: "; "))),
                        LogField("needs.restart", .string(differences.needRestart.joined(separator: "; "))),
                    ]
            )
            return nil
        } catch {
            let problems = error.problems.map(\.description)
            status.setNote("reload failed, the old configuration stays: \(problems.first ?? "")")
            journal.log(
                .reloadFailed,
                .error,
                "Reload failed, the old configuration stays: \(problems.joined(separator: "; "))"
            )
            return problems.joined(separator: "\n")
        }
    }
}
