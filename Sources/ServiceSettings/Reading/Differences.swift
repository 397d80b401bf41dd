/// What a new configuration changes, by what it takes to apply it.
package struct ReloadableDifferences: Sendable, Equatable {
    /// Changes that a reload applies, as `greeting.delay: 1s -> 250ms`.
    package var applied: [String] = []
    /// Changes that need a restart.
    package var needRestart: [String] = []
}

extension SettingsSchema {
    /// Which settings differ between two configurations, in their order.
    package func differences(_ old: Root, _ new: Root) -> ReloadableDifferences {
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
    package func reloaded(_ old: Root, to new: Root) -> Root {
        var result = old
        for setting in settings where setting.effect == .reload { setting.copy(new, &result) }
        return result
    }
}
