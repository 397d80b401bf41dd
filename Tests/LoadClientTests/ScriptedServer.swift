import Glibc
import LoadClient
import NIOCore
import NIOPosix

/// A server that answers each request with what a test says, right or wrong.
struct ScriptedServer: Sendable {
    /// One request as the script sees it.
    struct Exchange {
        /// Which request of its connection, from 0.
        let number: Int
        /// The request's head.
        let request: String
        let channel: any Channel

        var path: String { request.split(separator: " ").dropFirst().first.map(String.init) ?? "" }

        func field(_ name: String) -> String? {
            request.split(separator: "\r\n").first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
                .map { $0.dropFirst(name.count + 1).trimmingPrefix(" ") }.map(String.init)
        }

        func send(_ text: String) { channel.writeAndFlush(ByteBuffer(string: text), promise: nil) }

        func answer(_ body: String = "right", status: String = "200 OK", fields: String = "") {
            send("HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)")
        }

        func close() { channel.close(promise: nil) }

        /// A RST: unread or not, a linger time of 0 makes it one.
        func reset() {
            let channel = channel
            (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
                .whenComplete { _ in channel.close(promise: nil) }
        }
    }

    let target: Target

    /// Runs a server on 127.0.0.1, or on a Unix socket.
    static func with<Result>(
        unixPath: String? = nil,
        onConnect: (@Sendable (any Channel) -> Void)? = nil,
        script: @escaping @Sendable (Exchange) -> Void,
        _ body: (Target) async throws -> Result
    ) async throws -> Result {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.maxMessagesPerRead, value: 64)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                onConnect?(channel)
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ScriptHandler(script: script))
                }
            }
        let listener: any Channel
        let target: Target
        if let unixPath {
            listener = try await bootstrap.bind(unixDomainSocketPath: unixPath).get()
            target = .unix(path: unixPath)
        } else {
            listener = try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
            target = .tcp(host: "127.0.0.1", port: listener.localAddress?.port ?? 0)
        }
        do {
            let result = try await body(target)
            try await group.shutdownGracefully()
            if let unixPath { unlink(unixPath) }
            return result
        } catch {
            try? await group.shutdownGracefully()
            if let unixPath { unlink(unixPath) }
            throw error
        }
    }
}

private final class ScriptHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let script: @Sendable (ScriptedServer.Exchange) -> Void
    private var text = ""
    private var number = 0

    init(script: @escaping @Sendable (ScriptedServer.Exchange) -> Void) { self.script = script }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        text += String(buffer: unwrapInboundIn(data))
        // Requests come one by one here.
        if text.hasSuffix("\r\n\r\n") {
            let request = text
            text = ""
            script(.init(number: number, request: request, channel: context.channel))
            number += 1
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // A moment later, so that an answer to a half-closed connection still gets through.
        guard let event = event as? ChannelEvent, event == .inputClosed else { return }
        let channel = context.channel
        context.eventLoop.scheduleTask(in: .milliseconds(300)) { channel.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// A path for a Unix socket that no other test uses.
func temporarySocketPath(_ name: String) -> String { "/tmp/load-client-\(getpid())-\(name).sock" }
