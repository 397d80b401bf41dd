/// What the document says of an API as a whole.
public struct APIDescription: Sendable {
    /// Its name.
    public var title: String
    /// The version of the program that serves it.
    public var version: String
    /// What it is for, in a sentence.
    public var summary: String
    /// Its licence, as an identifier of SPDX; nil where nothing is said.
    public var license: String?

    /// Describes an API.
    public init(title: String, version: String, summary: String = "", license: String? = nil) {
        self.title = title
        self.version = version
        self.summary = summary
        self.license = license
    }

    /// What holds for every endpoint.
    var text: String {
        (summary.isEmpty ? "" : "\(summary) ") + """
            HEAD answers as GET would, without the content; OPTIONS tells the methods of a path. \
            Every answer carries X-Request-ID: the caller's, if it sent a token of at most 128 characters, else a new one. \
            A valid traceparent is carried on.
            """
    }
}
