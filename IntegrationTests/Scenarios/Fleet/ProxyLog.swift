import Foundation
import SystemdTestKit

/// What HAProxy has logged of the requests that it passed on (`option httplog`), and of its servers.
struct ProxyLog: Sendable {
    /// One request, as HAProxy saw it.
    struct Request: Sendable {
        /// When it was done, in microseconds of the balancer's clock.
        let time: Int
        /// The client's address, without its port.
        let client: String
        /// Which server had it last; `<NOSRV>` where none could.
        let server: String
        /// From the request to the last byte of the answer, in milliseconds.
        let total: Int
        /// The status that the client got.
        let status: Int
        /// How it ended: `----` for one that was answered as it should be.
        let termination: String

        /// Reads a line such as `192.0.2.101:3 [26/Nov/2026:04:40:01.123] hello hello/hello-1 0/0/0/1001/1001 200 190 - -
        /// ---- 20/20/10/10/0 0/0 "GET / HTTP/1.1"`; `nil` for what is about no request.
        init?(_ line: some StringProtocol, time: Int) {
            let words = line.split(separator: " ")
            guard words.count > 11, words[3].hasPrefix("hello/"), let port = words[0].lastIndex(of: ":"),
                let total = words[4].split(separator: "/").last.flatMap({ Int($0) }), let status = Int(words[5])
            else { return nil }
            self.time = time
            client = String(words[0][..<port])
            server = String(words[3].dropFirst("hello/".count))
            self.total = total
            self.status = status
            termination = String(words[9])
        }
    }

    /// A server that was taken out or in.
    struct Change: Sendable {
        let time: Int
        let server: String
        let isUp: Bool
    }

    let requests: [Request]
    let changes: [Change]

    init(_ entries: [JournalEntry]) {
        var (requests, changes) = ([Request](), [Change]())
        for entry in entries {
            let text = entry["_SOURCE_REALTIME_TIMESTAMP"] ?? entry["__REALTIME_TIMESTAMP"] ?? ""
            guard let message = entry["MESSAGE"], let time = Int(text) else { continue }
            if let request = Request(message, time: time) {
                requests.append(request)
            } else if entry["_TRANSPORT"] == "syslog",
                // It says so on standard error as well.
                let match = message.firstMatch(of: #/Server hello\/(\S+) is (UP|DOWN)/#)
            {
                changes.append(Change(time: time, server: String(match.1), isUp: match.2 == "UP"))
            }
        }
        (self.requests, self.changes) = (requests, changes)
    }
}

extension Fleet {
    /// What HAProxy has logged so far.
    func log() async throws -> ProxyLog {
        ProxyLog(try await balancer.journal(unit: "haproxy.service"))
    }

    /// Waits until HAProxy says that a server is up or down.
    func wait(for server: String, toBe state: String, _ context: ScenarioContext) async throws {
        let script = """
            journalctl --sync
            journalctl --quiet --output=cat --grep 'Server hello/\(server) is \(state)' _TRANSPORT=syslog
            """
        try await context.wait(
            for: "HAProxy to find that \(server) is \(state)",
            within: .seconds(30),
            until: { $0 > 0 },
            observing: {
                try await balancer.command(["sh", "-c", script]).run().output.split(separator: "\n").count
            }
        )
    }
}
