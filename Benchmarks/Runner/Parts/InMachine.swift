import BenchmarkResults
import Foundation
import Synchronization
import SystemdTestKit

/// The parts that need a systemd: they boot a private one, and this program measures inside it.
enum InMachine {
    static let coldStartPart = PartResult(
        id: "coldstart",
        title: "Cold start by a socket, in the whole sandbox",
        method:
            "A private systemd. The service is stopped, its socket listens; a client connects and asks for /healthz. "
            + "Time from connecting to the first byte of the answer, 6 times a round. The floor runs in the same unit, "
            + "where only the program and the names differ. Nothing is pinned: systemd and the service share the work.",
        metrics: [Metric("start", "connection to first byte", unit: "ms")]
    )

    static let accessLogPart = PartResult(
        id: "accesslog",
        title: "An access log in the journal",
        method: "hello.service in a private systemd with journald, as deployed, but for greeting.delay=0 and one event "
            + "loop on the server's core; 64 connections that are kept, wrk for 3 s. With log.access=all against off.",
        command: Wrk(url: "http://127.0.0.1:8080/").description,
        metrics: [
            Metric("ratio", "CPU, on against off", unit: ""), Metric("off", "CPU a request, off", unit: "µs"),
            Metric("on", "CPU a request, on", unit: "µs"), Metric("p99off", "p99, off", unit: "ms"),
            Metric("p99on", "p99, on", unit: "ms"), Metric("written", "requests in the journal", unit: "%"),
        ]
    )

    static let restartPart = PartResult(
        id: "restart",
        title: "Answers while hello is restarted",
        method: "hello.service in a private systemd, as deployed, but for greeting.delay=0 and one event loop on the "
            + "server's core. 50 connections that are kept send a request every 10 ms each, 2,000 in all; in their midst "
            + "systemctl restart hello.service, against the same without. No connection is closed, and none is lost.",
        metrics: [
            Metric("p99restart", "p99, restart", unit: "ms"), Metric("p99quiet", "p99, none", unit: "ms"),
            Metric("slowestrestart", "slowest, restart", unit: "ms"),
            Metric("slowestquiet", "slowest, none", unit: "ms"),
        ]
    )

    static func restart(_ bench: Bench) async throws -> PartResult {
        let properties = ["CPUAffinity=\(bench.cores.client)"]
        return try await run(restartPart, bench, servers: ["hello"], properties: properties)
    }

    static func coldStart(_ bench: Bench) async throws -> PartResult {
        try await run(coldStartPart, bench, servers: ["hello", "floor"], properties: [])
    }

    static func accessLog(_ bench: Bench) async throws -> PartResult {
        let properties = ["CPUAffinity=\(bench.cores.client)"]
        return try await run(accessLogPart, bench, servers: ["hello"], properties: properties)
    }

    /// Where this program is in the machine.
    private static let installed = "/usr/local/libexec/hello-bench/benchmarks"

    private static func run(
        _ part: PartResult,
        _ bench: Bench,
        servers: [String],
        properties: [String]
    ) async throws -> PartResult {
        let servers = bench.servers.filter { servers.contains($0.name) && $0.failure == nil }
        let result = Mutex(part)
        do {
            Console.progress("\(part.id): booting a private systemd")
            let status = try await PrivateMachine.with(label: "hello-bench") { tree in
                try await install(bench, servers, in: tree)
            } body: { machine in
                try await machine.run(
                    [installed, RunInside.name, "\(part.id)", "--rounds", "\(bench.rounds)"]
                        + ["--servers", servers.map(\.name).joined(separator: ",")]
                        + ["--server-core", "\(bench.cores.server)"],
                    properties: properties + ["TasksMax=infinity"],
                    timeout: .seconds(600)
                ) { stream, line in
                    guard stream == .output, let sample = InsideSample(line: line) else {
                        return Console.progress("\(part.id): \(line)")
                    }
                    result.withLock { $0.record(sample.figures, of: sample.server) }
                    Bench.say(part, sample.round, bench.rounds, sample.server, sample.figures)
                }.status
            }
            guard status == .exited(0) else {
                throw RunningServer.Failure(description: "what measures inside \(status)")
            }
        } catch {
            try Task.checkCancellation()
            Console.progress("\(part.id): \(error)")
            for server in servers { result.withLock { $0.remark("\(error)", on: server.name) } }
        }
        for server in bench.servers where part.id == "coldstart" && server.name == "floor" {
            if let failure = server.failure { result.withLock { $0.remark(failure, on: server.name) } }
        }
        return result.withLock { $0 }
    }

    /// The product as `make install` installs it, the floor beside it, and this program.
    private static func install(_ bench: Bench, _ servers: [Server], in tree: MachineTree) async throws {
        // As much of the journal as a round writes; the default limits would be those of the host's disk.
        try await tree.write(
            "[Journal]\nStorage=volatile\nRateLimitIntervalSec=0\nRuntimeMaxUse=256M\n",
            to: "/etc/systemd/journald.conf.d/90-bench.conf"
        )
        try await tree.install(bench.workplace.program, to: installed)
        for server in servers where server.name == "hello" {
            let program = Hello.program(of: server)
            let make = ["make", "-C", bench.workplace.root, "install", "PREFIX=/usr/local", "HELLOD=\(program)"]
            try await Command(make + ["DESTDIR=\(tree.path)"], timeout: .seconds(120)).run().successful()
        }
        for server in servers where server.name == "floor" {
            let program = try bench.workplace.output(of: server.name) + "/server"
            try await tree.install(program, to: "/usr/local/bin/floord")
            for kind in ["service", "socket"] {
                let unit = FileText.read("\(bench.workplace.root)/deploy/hello.\(kind)")
                try await tree.write(FloorUnits.unit(from: unit), to: "/usr/local/lib/systemd/system/floor.\(kind)")
            }
        }
    }
}
