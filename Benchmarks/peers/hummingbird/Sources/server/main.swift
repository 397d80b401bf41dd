import Foundation
import Hummingbird
import Logging
import NIOPosix

func number(_ name: String) -> Int { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? 0 }

let delay = Duration.milliseconds(number("DELAY_MS"))
let router = Router()
router.get("/") { _, _ in
    if delay > .zero { try await Task.sleep(for: delay) }
    return Response(
        status: .ok,
        headers: [.contentType: "application/json"],
        body: .init(byteBuffer: ByteBuffer(string: #"{"Hello":"World"}"#))
    )
}
var logger = Logger(label: "server")
logger.logLevel = .critical
let application = Application(
    router: router,
    configuration: .init(address: .hostname("127.0.0.1", port: number("PORT")), backlog: 4096),
    eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup(numberOfThreads: 1)),
    logger: logger
)
try await application.runService()
