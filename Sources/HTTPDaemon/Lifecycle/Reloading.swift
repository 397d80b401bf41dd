import JournalLogging
import Logging
import ServiceSettings
import Systemd

/// Reloads the configuration on SIGHUP: read and checked whole, then swapped; if it is bad, the old one stays. Signals that
/// come while one is handled are one more reload, however many they are.
extension RunningDaemon {
    /// Reloads, and tells everyone who asks.
    func reload(_ outcome: ReloadOutcomeFile?) {
        spares.lend {
            outcome?.begin()
            manager.notify(.reloading)
            let failure = reload()
            metrics?.reloaded(successfully: failure == nil)
            outcome?.end(failure)
            // READY=1 ends a reload that failed, too: the daemon serves as before.
            manager.notify(.ready, .status(statusText))
        }
    }

    /// Applies the configuration anew. Returns what is wrong with it, if anything.
    func reload() -> String? {
        do {
            let loaded = try application.reload()
            let differences = loaded.differences
            tellCompared(loaded)
            apply(loaded)
            let needRestart = differences.needRestart.joined(separator: "; ")
            status.setNote(needRestart.isEmpty ? nil : "a restart is needed for: \(needRestart)")
            journal.log(
                .reloaded,
                .notice,
                "Configuration reloaded" + (needRestart.isEmpty ? "" : "; a restart is needed for: \(needRestart)"),
                loaded.warnings.map { LogField("warning", .string($0)) }
                    + [
                        LogField("applied", .string(differences.applied.joined(separator: "; "))),
                        LogField("needs.restart", .string(needRestart)),
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

    /// For who looks for a fault: where each value came from that is not a default, and what differs.
    private func tellCompared(_ loaded: ReloadedConfiguration) {
        guard journal.pipeline.level <= .debug else { return }
        let changes = loaded.differences.applied + loaded.differences.needRestart
        journal.log(
            .reloadCompared,
            .debug,
            "Read the configuration: \(changes.count.counted("setting")) differ from what is in force",
            loaded.origins.sorted { $0.key < $1.key }.map {
                LogField("setting.origin", .string("\($0.key): \($0.value)"))
            }
                + changes.map { LogField("setting.difference", .string($0)) }
        )
    }
}
