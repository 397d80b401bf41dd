public import ServiceSettings

extension SettingType where Value == String? {
    /// A URL that can be called with ``HTTPUpstreamClient``, or `none`.
    public static var url: Self {
        SettingType(
            expectation: "a URL, such as https://example.org/status, or none",
            valueName: "URL",
            isList: false,
            takesMapping: false,
            parse: { texts throws(SettingValueError) in
                // A comma in a variable parts nothing here.
                let url = texts.joined(separator: ",")
                if url == "none" { return nil }
                do throws(UpstreamURLError) {
                    try HTTPUpstreamClient.check(url)
                } catch {
                    // One with credentials is not quoted.
                    let shown = url.utf8.contains(UInt8(ascii: "@")) ? "the URL" : quoted(url)
                    throw SettingValueError(problem: "\(shown) \(error.problem)", remedy: error.remedy)
                }
                return url
            },
            text: { $0 ?? "none" }
        )
    }
}
