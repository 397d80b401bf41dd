import HTTPServer
import ServiceSettings

extension SettingType where Value == TrustedPeers {
    /// Addresses, networks and `unix`.
    static var peers: Self {
        SettingType(
            expectation: "192.0.2.1, 192.0.2.0/24, 2001:db8::/32 or unix, or several of them",
            valueName: "peer",
            isList: true,
            parse: { texts throws(SettingValueError) in
                var entries: [TrustedPeers.Entry] = []
                for text in texts { entries.append(try entry(text)) }
                return TrustedPeers(entries)
            },
            text: { $0.entries.isEmpty ? "[]" : $0.entries.map(\.description).joined(separator: ", ") }
        )
    }

    private static func entry(_ text: String) throws(SettingValueError) -> TrustedPeers.Entry {
        do throws(TrustedPeers.Entry.Problem) {
            return try TrustedPeers.Entry(text)
        } catch {
            switch error {
            case .malformed:
                throw SettingValueError(problem: "\(quoted(text)) is not an address or a network")
            case .hasHostBits(let network):
                throw SettingValueError(
                    problem: "\(quoted(text)) has bits behind those that count",
                    remedy: "give \(network), or the address alone"
                )
            }
        }
    }
}
