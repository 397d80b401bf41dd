/// What a new configuration changes, by what it takes to apply it.
struct ReloadableDifferences: Sendable, Equatable {
    /// Changes that a reload applies, as `greeting.delay: 1s -> 250ms`.
    var applied: [String] = []
    /// Changes that need a restart.
    var needRestart: [String] = []
}

extension DaemonConfiguration {
    /// Which settings differ between two configurations, in the order of ``settings``.
    static func reloadableDifferences(_ old: Self, _ new: Self) -> ReloadableDifferences {
        var differences = ReloadableDifferences()
        for setting in settings where !setting.isEqual(old, new) {
            let change = "\(setting.key): \(setting.text(old)) -> \(setting.text(new))"
            switch setting.effect {
            case .reload: differences.applied.append(change)
            case .restart: differences.needRestart.append(change)
            }
        }
        return differences
    }

    /// What to run with after a reload: the new value where a reload applies it, the old one where it does not.
    func reloaded(to new: Self) -> Self {
        var result = self
        for setting in Self.settings where setting.effect == .reload { setting.copy(new, &result) }
        return result
    }
}
