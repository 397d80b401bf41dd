import ServiceSettings

/// All that a daemon can be told: what every daemon can, and what is its own.
struct ServiceConfiguration<Own: SettingsGroup>: Sendable, Equatable {
    /// What every daemon can be told.
    var daemon = DaemonConfiguration()
    /// What is its own.
    var own = Own()

    /// Every setting, those of its own behind where it listens.
    static func schema(_ identity: Identity) -> SettingsSchema<Self> {
        // Made once: of a generic type, each is made at run time.
        let (toDaemon, toOwn) = (\Self.daemon, \Self.own)
        let first = DaemonConfiguration.listening(identity).map { $0.at(toDaemon) }
        let own = Own.settings.map { $0.at(toOwn) }
        let others = DaemonConfiguration.serving.map { $0.at(toDaemon) }
        let example = (own.first ?? others.first { $0.key == "log.level" }).map { setting in
            identity.environmentPrefix + setting.key.uppercased().replacing(".", with: "_") + "="
                + (setting.valueName == "duration" ? "250ms" : setting.text(Self()))
        }
        return SettingsSchema(
            defaults: Self(),
            settings: first + own + others,
            rules: Own.rules.map { $0.at(toOwn) } + DaemonConfiguration.rules.map { $0.at(toDaemon) },
            sectionComments: Own.sectionComments.merging(DaemonConfiguration.sectionComments) { mine, _ in mine },
            names: SettingsNames(
                program: identity.program,
                unit: "\(identity.name).service",
                environmentPrefix: identity.environmentPrefix,
                defaultFile: "/etc/\(identity.name)/\(identity.name).yaml",
                example: example
            )
        )
    }
}
