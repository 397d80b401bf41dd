import HTTPServer
import HTTPTypes

/// What a responder was asked, in the order in which it was.
final class Executed {
    struct Request: Equatable {
        var method: String
        var target: String
    }

    var requests: [Request] = []
    var inWork = 0
}

/// Answers with the number of the request on its connection, at once or after a time on the loop's clock.
struct Echo: Responder {
    /// How long a request waits where answers are not immediate.
    static let delay = Duration.seconds(1)

    // Used on the one thread of the fuzzer only.
    nonisolated(unsafe) let executed: Executed
    let isImmediate: Bool

    func respond(to request: Request) async throws -> Response {
        let number = executed.requests.count
        executed.requests.append(.init(method: request.method.rawValue, target: request.head.target))
        executed.inWork += 1
        require(executed.inWork == 1, "two requests are in work on one connection")
        defer { executed.inWork -= 1 }
        require(
            request.head.path.hasPrefix("/") || request.method == .connect || request.isForServer,
            "a path without /"
        )
        if !isImmediate { try await request.clock.sleep(for: Self.delay) }
        let content = Array("\(number) \(request.head.target)".utf8)
        return Response(
            status: .ok,
            contentType: "text/plain",
            fields: [.number: "\(number)"],
            body: content
        )
    }
}

extension Request {
    fileprivate var isForServer: Bool { head.isForServer }
}

extension HTTPField.Name {
    /// Names the request that an answer belongs to.
    static let number = HTTPField.Name("X-Number") ?? .age
}
