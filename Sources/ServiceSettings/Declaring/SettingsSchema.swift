/// Every setting that a program has, and how its sources are named.
package struct SettingsSchema<Root: Sendable>: Sendable {
    /// The defaults.
    package let defaults: Root
    /// Every setting there is, in the order of the example file.
    package let settings: [Setting<Root>]
    /// Conditions on several settings together.
    package let rules: [SettingsRule<Root>]
    /// What the example file says of a section, by the section's name.
    package let sectionComments: [String: String]
    /// How its sources are named.
    package let names: SettingsNames

    package init(
        defaults: Root,
        settings: [Setting<Root>],
        rules: [SettingsRule<Root>],
        sectionComments: [String: String],
        names: SettingsNames
    ) {
        self.defaults = defaults
        self.settings = settings
        self.rules = rules
        self.sectionComments = sectionComments
        self.names = names
    }

    /// The setting of a key, or nil if there is none.
    package func setting(_ key: String) -> Setting<Root>? { settings.first { $0.key == key } }

    /// The environment variable of a setting: `HELLO_GREETING_DELAY`.
    package func variable(of setting: Setting<Root>) -> String {
        names.environmentPrefix + setting.key.uppercased().replacing(".", with: "_")
    }

    /// What to do about a key that no setting has: the nearest one, or where to find them all.
    func remedy(forUnknown key: String) -> String {
        // A key without its section is as likely as a mistyped one.
        let sameName = settings.filter { $0.components.count > 1 && $0.components.last == key }
        if sameName.count == 1 { return "did you mean \(sameName[0].key)?" }
        if let near = suggestion(for: key, among: settings.map(\.key)) { return "did you mean \(near)?" }
        return "`\(names.program) check-config --print-defaults` lists all settings"
    }
}

/// How the sources of a program's settings are named.
package struct SettingsNames: Sendable {
    /// The program: `hellod`.
    package let program: String
    /// Its service unit: `hello.service`.
    package let unit: String
    /// What the names of its environment variables begin with: `HELLO_`.
    package let environmentPrefix: String
    /// Where its file is looked for when nothing names one: `/etc/hello/hello.yaml`.
    package let defaultFile: String
    /// A variable with a value, for the example file.
    package let example: String?

    package init(program: String, unit: String, environmentPrefix: String, defaultFile: String, example: String?) {
        self.program = program
        self.unit = unit
        self.environmentPrefix = environmentPrefix
        self.defaultFile = defaultFile
        self.example = example
    }

    /// The variable that names the configuration file, and is no setting.
    package var fileVariable: String { environmentPrefix + "CONFIG" }
}
