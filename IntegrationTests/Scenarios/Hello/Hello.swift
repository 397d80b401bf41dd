import Foundation
import Histogram
import LoadClient
import SystemdTestKit

/// What the scenarios know of the product.
enum Hello {
    static let service = "hello.service"
    static let socket = "hello.socket"
    static let adminSocket = "hello-admin.socket"
    static let configurationFile = "/etc/hello/hello.yaml"
    static let greeting = #"{"Hello":"World"}"#

    static let ipv4 = Target.tcp(host: "127.0.0.1", port: 8080)
    static let ipv6 = Target.tcp(host: "::1", port: 8080)
    static let unix = Target.unix(path: "/run/hello.sock")

    /// `MESSAGE_ID` of some events.
    enum Event {
        static let ready = "957a281ee5784328b08bc21a2d954b59"
        static let stopping = "a0138149d36c4c9f9a174acf36b28539"
        static let stopped = "85f3edb7488f44268299d784e02b3824"
        static let reloaded = "563c4b4b347e4f93a373713d5f6fd95e"
        static let reloadFailed = "75c26627b9d94501998284b720e004f4"
        static let configurationInvalid = "65fe8e3b70bc415887da353e4d2e6f89"
        static let request = "9ef63079107f4413b5f30449b950ad25"
        static let requestRejected = "789645a3460143c4ab3767bf30ad218f"
        static let idleExit = "3490a653f6774be6a05c5c05e0c94b3b"
        static let takenUp = "d043e6f8330d4fcb8d3f2a7c2bb712bf"
        static let handedOver = "4dc1e18df4e3463899f641d815e6a91a"
        static let handOverFailed = "6d6a017c6e2a465d9b5898d785b18ee3"
        static let connectionsWait = "74fd8bd36a2d477cb165cc02c48e9ae4"
        static let acceptPaused = "3e866970da7d4ccb89ad454d7ee54e0c"
        static let acceptResumed = "d7f68cbba0384e40a6e62eb71f4d82bf"
        static let recordsDropped = "d3f0d9ee1835430989c64a067bd0d16a"
    }

    /// The greeting, which waits a second.
    static func greeting(_ target: Target, _ label: String) -> RequestPlan {
        var plan = RequestPlan(target: target, path: "/", expecting: greeting)
        plan.label = label
        plan.requestIDPrefix = label
        plan.timeout = .seconds(20)
        return plan
    }

    /// A request that is answered at once.
    static func health(_ target: Target, _ label: String) -> RequestPlan {
        var plan = RequestPlan(target: target, path: "/healthz", expecting: #"{"status":"alive"}"#)
        plan.label = label
        plan.requestIDPrefix = label
        plan.timeout = .seconds(20)
        return plan
    }
}

extension ScenarioContext {
    /// The process that serves, once it does.
    func mainPID() async throws -> Int {
        try await wait(
            for: "a main process of \(Hello.service)",
            until: { $0 > 0 },
            observing: { Int(try await unitProperty(Hello.service, "MainPID")) ?? 0 }
        )
    }

    /// Waits until so many requests are in work, by the metrics of hello-admin.socket, which count the request for them,
    /// too: the status line may be a second late.
    func waitForWork(_ count: Int) async throws {
        try await wait(
            for: "\(count) requests in work",
            until: { $0 > count },
            observing: {
                let text = try await command(["curl", "--silent", "http://127.0.0.1:8081/metrics"]).output
                let value = text.firstMatch(of: /(?m)^hello_requests_in_flight (\d+)/)
                return value.flatMap { Int($0.1) } ?? 0
            }
        )
    }

    /// Fails unless every request was answered rightly, and says what was otherwise.
    func expectClean(_ load: LoadReport, file: String = #fileID, line: Int = #line) throws {
        try expect(load.isClean && load.attempted > 0, "\(load)", file: file, line: line)
    }

    /// Keeps a load's counts: one line that names every kind of outcome.
    func keep(_ load: LoadReport) { note(load.summary) }

    /// Keeps a load's latency and course for the report.
    func keepPicture(_ load: LoadReport, marks: [(nanoseconds: UInt64, label: String)] = []) {
        let steps = load.timeline.steps
        guard let first = steps.first else { return }
        // Each bucket is a quarter wider than the one before: even on a logarithmic axis.
        let buckets = load.latency.logarithmicBucketValues(valueUnitsInFirstBucket: 100, logBase: 1.25)
        let counts = buckets.map {
            (upperMicroseconds: Double($0.value), count: Int($0.countAddedInThisIterationStep))
        }
        histogram("\(load.label): latency", counts.filter { $0.count > 0 })
        timeline(
            load.label,
            interval: .milliseconds(100),
            requests: steps.map { Int($0.completed) },
            median: steps.map(\.median),
            longest: steps.map(\.slowest),
            marks: marks.map { (.nanoseconds(Int64($0.nanoseconds) - Int64(first.startNanoseconds)), $0.label) }
        )
    }
}

/// What the kernel says of a process.
enum ProcessFacts {
    static func residentKiB(_ pid: Int) -> Int? { status(pid, "VmRSS") }

    /// Memory that is its own: no page of a file, of which the kernel keeps as many as it likes.
    static func anonymousKiB(_ pid: Int) throws -> Int {
        guard let size = status(pid, "RssAnon") else { throw Gone(pid: pid) }
        return size
    }

    /// Descriptors that it has open.
    static func descriptors(_ pid: Int) throws -> Int {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count
        } catch {
            throw Gone(pid: pid)
        }
    }

    /// There is no such process any more, or nobody may look at it.
    struct Gone: Error, CustomStringConvertible {
        let pid: Int
        var description: String { "process \(pid) is gone" }
    }

    /// Processor time that it has used, in clock ticks of 10 ms (proc(5)).
    static func processorTicks(_ pid: Int) -> Int? {
        // The command's name, in parentheses, may hold anything.
        let fields = FileText.read("/proc/\(pid)/stat")?.split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Int(fields[11]), let system = Int(fields[12]) else { return nil }
        return user + system
    }

    static func threads(_ pid: Int) -> Int? { status(pid, "Threads") }

    private static func status(_ pid: Int, _ name: String) -> Int? {
        guard let text = FileText.read("/proc/\(pid)/status") else { return nil }
        let line = text.split(separator: "\n").first { $0.hasPrefix("\(name):") }
        return line?.split(whereSeparator: { " \t".contains($0) }).dropFirst().first.flatMap { Int($0) }
    }
}
