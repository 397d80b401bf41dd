import Greeting
import HTTPEndpoints
import NIOPosix

/// Calls beyond `/aggregate`: of a service that is not configured by name, for a value.
///
///     let client = HTTPUpstreamClient()
///     let notes = try await client.get("https://example.org/notes", as: [Note].self)
extension HTTPUpstreamClient {
    /// Creates a client with a thread of its own.
    public convenience init() {
        self.init(eventLoop: MultiThreadedEventLoopGroup(numberOfThreads: 1).next())
    }

    /// Gets a URL, and reads what it answers.
    ///
    /// - Parameters:
    ///   - url: What is called; ``ServiceSettings/SettingType/url`` is a setting for it.
    ///   - type: What the JSON is read as.
    ///   - limit: How long it may take, its content included.
    ///   - maximumBody: The largest content that is taken, in octets.
    /// - Throws: `UpstreamFailure`, `CancellationError`, or `DecodingError`.
    public func get<Value: Decodable & Sendable>(
        _ url: String,
        as type: Value.Type = Value.self,
        within limit: Duration = .seconds(2),
        maximumBody: Int = 1_048_576
    ) async throws -> Value {
        let upstream = Upstream(name: "", url: url)
        let answer = try await withThrowingTaskGroup(of: UpstreamAnswer?.self) { group in
            group.addTask { try await self.get(upstream, fields: [], maximumBody: maximumBody) }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        guard let answer else { throw UpstreamFailure(.timeout, "There was no answer within \(limit).") }
        if let failure = answer.failure { throw failure }
        return try JSON(parsing: answer.body).decoded(as: type)
    }
}
