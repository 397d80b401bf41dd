import HTTPDaemon
import Upstreams

/// What can be set. What says `.reload` follows `systemctl reload`, the rest a restart, which nobody notices.
struct NotesSettings: SettingsGroup {
    var most = 100
    var seed: String?
    var retry: Duration = .seconds(10)

    static let settings = [
        Setting("store.most", \Self.most, .count(1...10000), .reload, "The most notes that are kept: 1 to 10000."),
        Setting("seed.url", \Self.seed, .url, .restart, "Where the notes to begin with are, as a list in JSON."),
        Setting(
            "seed.retry",
            \Self.retry,
            .duration(.milliseconds(10) ... .seconds(3600)),
            .restart,
            "How long to wait before they are asked for again: 10ms to 1h."
        ),
    ]
}
