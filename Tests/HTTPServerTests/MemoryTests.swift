import Foundation
import Glibc
import Testing

@testable import HTTPServer

@Suite("Memory")
struct MemoryTests {
    private static var residentKiB: Int {
        let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return line?.split(whereSeparator: { " \t".contains($0) }).dropFirst().first.flatMap { Int($0) } ?? 0
    }

    /// Sends a piece again and again, until so much is sent or the server takes no more. Returns how much it took.
    private static func pour(_ piece: String, megabytes: Int, to number: CInt) -> Int {
        let octets = Array(String(repeating: piece, count: max(1, 65536 / piece.utf8.count)).utf8)
        var sent = 0
        while sent < megabytes << 20 {
            let count = send(number, octets, octets.count, CInt(MSG_NOSIGNAL))
            if count <= 0 { break }
            sent += count
        }
        return sent
    }

    /// A connection that gives up sending after a while; not one of `Client`'s, so that sending costs no memory here.
    private static func connection(_ listener: TestListener) throws -> CInt {
        let number = socket(AF_INET, TestListener.stream, 0)
        var patience = timeval(tv_sec: 0, tv_usec: 300_000)
        setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        try #require(listener.withAddress { connect(number, $0, $1) } == 0)
        return number
    }

    /// What has become of each flood in the end; one that was not taken shows nothing.
    fileprivate enum Fate {
        /// Its client is told this status.
        case refused(Int)
        /// Its first request is in work, and nothing behind it is read.
        case inWork
        /// Nothing is read while the answers are not.
        case stalled
    }

    /// Whether the first answer to a client has this status.
    private static func isAnswered(_ number: CInt, with status: Int) -> Bool {
        var octets = [UInt8](repeating: 0, count: 12)
        let count = recv(number, &octets, octets.count, CInt(MSG_DONTWAIT) | CInt(MSG_PEEK))
        return count == octets.count && octets.elementsEqual("HTTP/1.1 \(status)".utf8)
    }

    fileprivate static func flood(
        _ before: String,
        _ piece: String,
        endsHalf: Bool = false,
        _ fate: Fate
    ) async throws {
        try await TestServer.run { test in
            let warm = try test.client()
            try await warm.send(get("/"))
            _ = try await warm.answer()
            let resident = residentKiB
            var most = resident
            var numbers: [CInt] = []
            for _ in 0..<4 {
                let number = try connection(test.listener)
                numbers.append(number)
                let octets = Array(before.utf8)
                _ = send(number, octets, octets.count, CInt(MSG_NOSIGNAL))
                let taken = pour(piece, megabytes: 100, to: number)
                #expect(taken >= 65536, "\(taken) octets were taken")
                if endsHalf { shutdown(number, CInt(SHUT_WR)) }
                most = max(most, residentKiB)
            }
            for _ in 0..<20 {
                try await Task.sleep(for: .milliseconds(5))
                most = max(most, residentKiB)
            }
            switch fate {
            case .refused(let status):
                for number in numbers { #expect(isAnswered(number, with: status)) }
            case .inWork:
                #expect(test.gate.waiting == numbers.count)
            case .stalled:
                #expect(test.server.counts.connections == numbers.count + 1)
                for number in numbers { #expect(isAnswered(number, with: 200)) }
            }
            for number in numbers { close(number) }
            // A client that has only ended its half would still be answered.
            test.gate.open()
            #expect(most - resident < 8192, "it grew by \(most - resident) KiB")
            try await eventually("all are closed") { test.server.counts.connections <= 1 }
        }
    }

    @Test("an endless header does not grow it")
    func endlessHeader() async {
        await #expect(processExitsWith: .success) {
            try await MemoryTests.flood("GET / HTTP/1.1\r\nA: ", "b", .refused(431))
        }
    }

    @Test("an endless chunk extension does not grow it")
    func endlessExtension() async {
        await #expect(processExitsWith: .success) {
            try await MemoryTests.flood(
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;",
                "a",
                .refused(400)
            )
        }
    }

    @Test("100 MiB behind an offered upgrade do not grow it")
    func behindUpgrade() async {
        await #expect(processExitsWith: .success) {
            try await MemoryTests.flood(get("/hold", "Connection: Upgrade", "Upgrade: h2c"), "b", .inWork)
        }
    }

    @Test("pipelined requests of a client that does not read do not grow it")
    func stalledReader() async {
        await #expect(processExitsWith: .success) {
            try await MemoryTests.flood(get("/large"), get("/large"), .stalled)
        }
    }

    @Test("pipelined requests behind one in work do not grow it")
    func behindWork() async {
        await #expect(processExitsWith: .success) { try await MemoryTests.flood(get("/hold"), get("/"), .inWork) }
    }

    @Test("a flood before the end of the client's half does not grow it")
    func floodBeforeEnd() async {
        await #expect(processExitsWith: .success) {
            try await MemoryTests.flood(get("/hold"), get("/"), endsHalf: true, .inWork)
        }
    }
}
