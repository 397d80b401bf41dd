import Greeting
import ServiceSettings

extension SettingType where Value == [Upstream] {
    /// Services by name and URL.
    static var upstreams: Self {
        SettingType(
            expectation: "name=URL, such as users=https://example.org/status, or several of them",
            valueName: "name=URL",
            isList: true,
            takesMapping: true,
            parse: { texts throws(SettingValueError) in
                var upstreams: [Upstream] = []
                for text in texts {
                    let upstream = try Upstream(settingText: text)
                    if upstreams.contains(where: { $0.name == upstream.name }) {
                        throw SettingValueError(problem: "\(quoted(upstream.name)) is named twice")
                    }
                    upstreams.append(upstream)
                }
                guard upstreams.count <= Upstream.most else {
                    throw SettingValueError(problem: "there are more than \(Upstream.most) upstreams")
                }
                return upstreams
            },
            text: { $0.isEmpty ? "[]" : $0.map { "\($0.name)=\($0.url)" }.joined(separator: ", ") }
        )
    }
}

extension Upstream {
    /// The most upstreams that can be configured.
    static let most = 256

    /// Reads `name=URL`. What cannot be called is refused here, so that a call does not have to fail for it.
    init(settingText text: String) throws(SettingValueError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { throw SettingValueError(problem: "\(quoted(text)) has no \"=\"") }
        let (name, url) = (parts[0], parts[1])
        let isName = { (octet: UInt8) in
            (0x30...0x39).contains(octet) || (0x41...0x5a).contains(octet) || (0x61...0x7a).contains(octet)
                || "._-".utf8.contains(octet)
        }
        guard (1...64).contains(name.utf8.count), name.utf8.allSatisfy(isName) else {
            throw SettingValueError(
                problem: "\(quoted(name)) cannot name an upstream",
                remedy: "use up to 64 letters, digits, \".\", \"_\" and \"-\""
            )
        }
        do throws(UpstreamURLError) {
            try HTTPUpstreamClient.check(url)
        } catch {
            // The URL is not quoted: it may hold a password.
            let shown = url.utf8.contains(UInt8(ascii: "@")) ? "the URL of \(name)" : quoted(url)
            throw SettingValueError(problem: "\(shown) \(error.problem)", remedy: error.remedy)
        }
        self.init(name: name, url: url)
    }
}
