import Greeting

extension SettingType where Value == [Upstream] {
    /// Services by name and URL.
    static var upstreams: Self {
        SettingType(
            expectation: "name=URL, such as users=https://example.org/status, or several of them",
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

    /// Reads `name=URL`. What no URL can hold is refused here, so that a call does not have to fail for it.
    init(settingText text: String) throws(SettingValueError) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { throw SettingValueError(problem: "\(quoted(text)) has no \"=\"") }
        let (name, url) = (parts[0], parts[1])
        let isName = { (octet: UInt8) in Self.isAlphanumeric(octet) || "._-".utf8.contains(octet) }
        guard (1...64).contains(name.utf8.count), name.utf8.allSatisfy(isName) else {
            throw SettingValueError(
                problem: "\(quoted(name)) cannot name an upstream",
                remedy: "use up to 64 letters, digits, \".\", \"_\" and \"-\""
            )
        }
        let scheme = ["http://", "https://"].first { url.hasPrefix($0) }
        guard let scheme else {
            throw SettingValueError(
                problem: "\(quoted(url)) is not a URL that can be called",
                remedy: "begin it with http:// or https://"
            )
        }
        let rest = url.utf8.dropFirst(scheme.utf8.count)
        let authority = rest.prefix { !"/?".utf8.contains($0) }
        if authority.contains(UInt8(ascii: "@")) {
            // It would stand in the listing of the configuration, and in logs.
            throw SettingValueError(problem: "the URL of \(name) holds credentials", remedy: "leave them out")
        }
        let allowed = "-._~:/?#[]@!$&'()*+,;=%".utf8
        let isPlain = rest.allSatisfy { Self.isAlphanumeric($0) || allowed.contains($0) }
        guard !authority.isEmpty, authority.first != UInt8(ascii: ":"), isPlain, !rest.contains(UInt8(ascii: "#"))
        else {
            throw SettingValueError(problem: "\(quoted(url)) is not a URL that can be called")
        }
        self.init(name: name, url: url)
    }

    private static func isAlphanumeric(_ octet: UInt8) -> Bool {
        (0x30...0x39).contains(octet) || (0x41...0x5a).contains(octet) || (0x61...0x7a).contains(octet)
    }
}
