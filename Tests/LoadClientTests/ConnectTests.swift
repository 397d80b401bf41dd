import Glibc
import LoadClient
import NIOCore
import NIOPosix
import Testing

/// What becomes of requests whose connection cannot be had at once, or at all.
@Suite(.timeLimit(.minutes(1)), .serialized)
struct ConnectTests {
    @Test func nobodyListeningIsRefused() async throws {
        // Bound, so that nobody else gets the port, and not listening.
        let (descriptor, port) = try boundPort()
        defer { close(descriptor) }
        let target = Target.tcp(host: "127.0.0.1", port: port)
        try await withLoadEngine { engine in
            let report = try await engine.burst(RequestPlan(target: target), connections: 4)
            #expect(report.count(.refused) == 4, "\(report)")
        }
    }

    @Test func missingUnixSocketIsRefused() async throws {
        try await withLoadEngine { engine in
            let plan = RequestPlan(target: .unix(path: temporarySocketPath("missing")))
            let report = try await engine.burst(plan, connections: 4)
            #expect(report.count(.refused) == 4, "\(report)")
        }
    }

    @Test func refusedKeepAliveClientsComeBackWhenSomebodyListens() async throws {
        let path = temporarySocketPath("later")
        try await withLoadEngine { engine in
            let plan = RequestPlan(target: .unix(path: path), expecting: "right")
            let load = try await engine.keepAliveLoad(plan, connections: 2)
            try await load.wait(within: .seconds(30)) { $0.count(.refused) >= 4 }
            try await ScriptedServer.with(unixPath: path, script: { $0.answer() }) { _ in
                try await load.waitForAnswers(10, within: .seconds(30))
                let report = await load.stop()
                #expect(report.failures == report.count(.refused), "\(report)")
            }
        }
    }

    @Test func fullQueueOfAUnixSocketIsTriedAgainAndIsNoFailure() async throws {
        let path = temporarySocketPath("full")
        let listener = try #require(listeningUnixSocket(path, backlog: 1))
        defer { unlink(path) }
        try await withLoadEngine { engine in
            let plan = RequestPlan(target: .unix(path: path), expecting: "right")
            let load = try await engine.keepAliveLoad(plan, connections: 20)
            try await load.wait(within: .seconds(30)) { $0.connectRetries > 0 }
            // Only now does somebody accept.
            let server = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            let accepting = try await ServerBootstrap(group: server)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(RightAnswer())
                    }
                }
                .withBoundSocket(listener).get()
            try await load.wait(within: .seconds(30)) { $0.connections == 20 }
            let report = await load.stop()
            try await accepting.close()
            try await server.shutdownGracefully()
            #expect(report.isClean, "\(report)")
            #expect(report.count(.ok) >= 20)
            #expect(report.connections == 20)
        }
    }

    @Test func queueThatStaysFullIsTimedOut() async throws {
        let path = temporarySocketPath("stuck")
        let listener = try #require(listeningUnixSocket(path, backlog: 1))
        defer {
            close(listener)
            unlink(path)
        }
        try await withLoadEngine { engine in
            var plan = RequestPlan(target: .unix(path: path))
            plan.timeout = .milliseconds(200)
            let report = try await engine.burst(plan, connections: 20, waitForAll: false)
            #expect(report.attempted == 20)
            #expect(report.count(.timedOut) == 20, "\(report)")
            #expect(report.wallTime < .seconds(30))
        }
    }

    @Test func whatTheClientCannotDoIsItsOwnError() async throws {
        // A link-local address without an interface: EINVAL, or EAFNOSUPPORT where there is no IPv6.
        try await withLoadEngine { engine in
            let plan = RequestPlan(target: .tcp(host: "fe80::1", port: 80))
            let report = try await engine.burst(plan, connections: 2)
            #expect(report.count(.clientError) == 2, "\(report)")
        }
    }

    @Test func noDescriptorIsLeftOpen() async throws {
        // Tests run side by side, so what is looked for is this server's port at the other end of a descriptor.
        try await ScriptedServer.with(script: { $0.answer() }) { target in
            try await withLoadEngine { engine in
                let report = try await engine.burst(RequestPlan(target: target), connections: 100)
                #expect(report.count(.ok) == 100, "\(report)")
                #expect(descriptors(connectedTo: target) == 0)
                try await RawConnection.withConnection(to: target, on: engine) { _ in
                    #expect(descriptors(connectedTo: target) == 1)
                }
                #expect(descriptors(connectedTo: target) == 0)
            }
        }
    }

    private func descriptors(connectedTo target: Target) -> Int {
        guard case .tcp(_, let port) = target else { return -1 }
        return (0..<4096).count { descriptor in
            var address = sockaddr_in()
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let result = withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(Int32(descriptor), $0, &size) }
            }
            return result == 0 && address.sin_family == AF_INET && Int(UInt16(bigEndian: address.sin_port)) == port
        }
    }

    @Test func aBadTargetIsAnError() async throws {
        try await withLoadEngine { engine in
            _ = await #expect(throws: TargetError.self) {
                try await engine.burst(RequestPlan(target: .tcp(host: "no address", port: 1)), connections: 1)
            }
        }
    }

    private func boundPort() throws -> (descriptor: CInt, port: Int) {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, size) == 0 && getsockname(socket, $0, &size) == 0
            }
        }
        try #require(isBound, "errno \(errno)")
        return (socket, Int(UInt16(bigEndian: address.sin_port)))
    }

    private func listeningUnixSocket(_ path: String, backlog: Int32) -> CInt? {
        unlink(path)
        let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, size) }
        }
        return bound == 0 && listen(socket, backlog) == 0 ? socket : nil
    }
}

private final class RightAnswer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let answer = ByteBuffer(string: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nright")
        context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
    }
}
