import HTTPServer
import HTTPTypes

/// What a responder was asked, in the order in which it was.
final class Executed {
    struct Request: Equatable {
        var method: String
        var target: String
        var content: [UInt8]
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

    func reply(to request: Request) -> Reply {
        let number = executed.requests.count
        executed.requests.append(
            .init(method: request.method.rawValue, target: request.head.target, content: request.content)
        )
        require(request.content.isEmpty || takesContent(request.head), "content that nobody takes")
        require(executed.inWork == 0, "two requests are in work on one connection")
        require(
            request.head.path.hasPrefix("/") || request.method == .connect || request.isForServer,
            "a path without /"
        )
        let content = Array("\(number) \(request.head.target)".utf8)
        let response = Response(
            status: .ok,
            contentType: "text/plain",
            fields: [.number: "\(number)"],
            body: content
        )
        if isImmediate { return .now(response) }
        return .later {
            executed.inWork += 1
            defer { executed.inWork -= 1 }
            try await request.clock.sleep(for: Self.delay)
            return response
        }
    }
}

extension Echo {
    /// Of the methods that most inputs with a body have, one.
    func takesContent(_ head: RequestHead) -> Bool { head.method == .post }
}

extension Request {
    fileprivate var isForServer: Bool { head.isForServer }
}

extension HTTPField.Name {
    /// Names the request that an answer belongs to.
    static let number = HTTPField.Name("X-Number") ?? .age
}
