import BenchmarkResults
import Foundation
import Glibc
import SystemdTestKit

/// What the run takes place on.
enum Machine {
    static func facts(_ bench: Bench, _ options: RunBenchmarks) async throws -> [BenchmarkRun.Fact] {
        var system = utsname()
        uname(&system)
        let kernel = withUnsafeBytes(of: &system.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let release = FileText.read("/etc/os-release").split(separator: "\n").first { $0.hasPrefix("PRETTY_NAME=") }
        let memory = ProcessFiles.totalKiB(meminfo: FileText.read("/proc/meminfo")).map { "\($0 >> 10) MiB" }
        let systemd = try? await Command(["systemctl", "--version"]).run().output.split(separator: "\n").first
        let wrk = try? await Command(["dpkg-query", "-W", "-f", "${Version}", "wrk"]).run().trimmed
        let cores = bench.cores
        return [
            .init("date", Date().formatted(.iso8601)),
            .init("processor", ProcessFiles.processor(cpuinfo: FileText.read("/proc/cpuinfo")) ?? "unknown"),
            .init("cores", "\(cores.all.count); server on \(cores.server), client on \(cores.client)"),
            .init("memory", memory ?? "unknown"),
            .init("load before", FileText.read("/proc/loadavg").split(separator: " ").prefix(3).joined(separator: " ")),
            .init("kernel", kernel),
            .init("system", release.map { $0.dropFirst(12).filter { $0 != "\"" } } ?? "unknown"),
            .init("systemd", systemd.map(String.init) ?? "unknown"),
            .init("client", "wrk \(wrk ?? "unknown"); for waiting requests, the integration tests' load client"),
            .init("rounds", "\(options.rounds), interleaved; figures are medians, with the lowest and highest round"),
            .init("command", "make bench BENCH=\"\(CommandLine.arguments.dropFirst().joined(separator: " "))\""),
        ]
    }
}
