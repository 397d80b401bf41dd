import Foundation

/// One entry of a machine's journal.
public struct JournalEntry: Sendable {
    /// Its fields by name. One that was given several times has its values on lines of their own.
    public let fields: [String: String]

    /// A field's value; `nil` where the entry has no such field.
    public subscript(_ name: String) -> String? { fields[name] }

    /// Reads an entry in the form of `journalctl --output=json`: a value that is not printable text is an array of
    /// bytes, and one of several values an array of those. `nil` for what is no entry.
    package init?(json line: some StringProtocol) {
        guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
            return nil
        }
        fields = object.mapValues(Self.text)
    }

    private static func text(_ value: Any) -> String {
        switch value {
        case let string as String: return string
        case let bytes as [Int]: return String(decoding: bytes.map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
        case let values as [Any]: return values.map(text).joined(separator: "\n")
        default: return ""
        }
    }
}

/// A place in a machine's journal, between two entries.
public struct JournalPosition: Sendable {
    /// That of the entry before it; `nil` where there is none.
    package let cursor: String?
}

/// A journal whose entries cannot all be told: what is not among them proves nothing.
public struct JournalUnreadable: Error, CustomStringConvertible {
    /// Why.
    public let description: String
}

extension Machine {
    /// The journal's entries in which all of these fields have these values, the oldest first.
    /// - Parameters:
    ///   - fields: Such as `["MESSAGE_ID": "…", "PRIORITY": "3"]`; none means all entries.
    ///   - unit: Only of this unit, with what systemd says about it.
    ///   - position: Only those behind it.
    /// - Throws: ``CommandError``, and ``JournalUnreadable``, with more than 64 MiB of them, for example.
    public func journal(
        _ fields: [String: String] = [:],
        unit: String? = nil,
        after position: JournalPosition? = nil
    ) async throws -> [JournalEntry] {
        try await journal(matching: fields.map { "\($0.key)=\($0.value)" }.sorted(), unit: unit, after: position)
    }

    /// Where the journal ends now.
    public func journalEnd() async throws -> JournalPosition {
        JournalPosition(cursor: try await journal(matching: ["--lines=1"], unit: nil, after: nil).last?["__CURSOR"])
    }

    /// - Parameter arguments: What else journalctl(1) is told: options, and matches.
    package func journal(
        matching arguments: [String],
        unit: String?,
        after position: JournalPosition?
    ) async throws -> [JournalEntry] {
        // Entries are on their way to the journal's files for a moment: --sync waits for those sent so far.
        try await command(["journalctl", "--sync"]).run().successful()
        var options = ["journalctl", "--quiet", "--no-pager", "--all", "--output=json"]
        if let cursor = position?.cursor { options.append("--cursor=\(cursor)") }
        if let unit { options.append("--unit=\(unit)") }
        let result = try await command(options + arguments, timeout: .seconds(60)).run().successful()
        guard !result.isTruncated else {
            throw JournalUnreadable(description: "the journal has too many such entries: ask for less")
        }
        let entries = try result.output.split(separator: "\n").map { line in
            guard let entry = JournalEntry(json: line) else {
                throw JournalUnreadable(description: "the journal has what is no entry: \(line.prefix(200))")
            }
            return entry
        }
        // Not --after-cursor: with matches, journalctl 252 leaves out the first entry behind the cursor.
        return entries.filter { position?.cursor == nil || $0["__CURSOR"] != position?.cursor }
    }

    /// Waits until the journal has an entry in which all of these fields have these values.
    /// - Throws: ``WaitedInVain`` when it has none in time.
    @discardableResult
    public func waitForEntry(
        _ fields: [String: String],
        unit: String? = nil,
        after position: JournalPosition? = nil,
        within limit: Duration = .seconds(10)
    ) async throws -> JournalEntry {
        try await waiting(for: "an entry with \(fields)", within: limit) {
            (try await journal(fields, unit: unit, after: position).first, "no such entry")
        }
    }
}
