import CGlibc
import Glibc
import Greeting
import Testing

@testable import HTTPDaemon
@testable import ServiceSettings
@testable import Upstreams

@Suite("What the limit on open files is shared out to")
struct DescriptorBudgetTests {
    private func share(
        _ connections: Int = 0,
        upstreams: Int = 0,
        calls: Int = 64,
        descriptors: Int,
        loops: Int,
        listeners: Int
    ) -> (connections: Int, calls: CallBudget, own: Int) {
        var configuration = DaemonConfiguration()
        configuration.limits.maximumConnections = connections
        var aggregate = AggregateSettings()
        aggregate.maximumCalls = calls
        aggregate.upstreams = (0..<upstreams).map { Upstream(name: "\($0)", url: "http://a") }
        let budget = DescriptorBudget(
            configuration,
            own: aggregate.descriptors,
            descriptors: descriptors,
            loops: loops,
            listeners: listeners
        )
        return (budget.connections, CallBudget(aggregate, descriptors: budget.own), budget.own)
    }

    @Test(
        "connections are what the daemon's own descriptors leave",
        arguments: [
            (0, 1024, 1, 1, 925), (0, 65536, 2, 3, 65433), (100, 1024, 2, 3, 100), (5000, 1024, 1, 1, 925),
            // Two for each event loop.
            (0, 4096, 1000, 1, 1999),
            // Next to nothing is shared out all the same.
            (0, 64, 2, 2, 42), (0, 12, 1, 1, 6), (0, 1, 1, 1, 2), (0, 0, 1024, 1, 2),
        ]
    )
    func connections(configured: Int, descriptors: Int, loops: Int, listeners: Int, connections: Int) {
        let budget = share(configured, descriptors: descriptors, loops: loops, listeners: listeners)
        #expect(budget.connections == connections)
    }

    @Test(
        "calls of upstreams, and what is kept of them, are taken off",
        arguments: [
            // 2 a call, and one that is kept for each call or upstream.
            (1, 64, 20_000, 64, 64, 19_901 - 192), (200, 64, 20_000, 64, 200, 19_901 - 328),
            (1, 10_000, 65_536, 10_000, 10_000, 65_437 - 30_000),
            // Clients have at least half of it.
            (200, 64, 420, 53, 54, 161), (1, 10_000, 1024, 154, 154, 463),
        ]
    )
    func upstreams(upstreams: Int, wanted: Int, descriptors: Int, calls: Int, kept: Int, connections: Int) {
        let budget = share(upstreams: upstreams, calls: wanted, descriptors: descriptors, loops: 1, listeners: 1)
        #expect(budget.calls.calls == calls && budget.calls.kept == kept, "\(budget)")
        #expect(budget.connections == connections, "\(budget)")
    }

    @Test("no sharing out gives more than there is")
    func never() {
        for descriptors in [64, 100, 256, 1024, 20_000] {
            for (upstreams, calls) in [(0, 64), (1, 1), (1, 64), (256, 64), (256, 10_000)] {
                for loops in [1, 8] {
                    let budget = share(
                        upstreams: upstreams,
                        calls: calls,
                        descriptors: descriptors,
                        loops: loops,
                        listeners: 3
                    )
                    let calls = upstreams == 0 ? 0 : budget.calls.calls * CallBudget.eachCall + budget.calls.kept
                    let own = min(DescriptorBudget.always, descriptors / 4) + loops * DescriptorBudget.eachLoop + 3
                    #expect(budget.connections + calls + own <= descriptors, "\(descriptors) \(budget)")
                    #expect(budget.calls.calls >= 1 && budget.connections >= 1)
                }
            }
        }
    }

    @Test("the cores that are counted are those that the affinity names")
    func cores() async {
        let counts = await withCheckedContinuation { continuation in
            // A thread of its own, whose affinity is nobody else's.
            var thread = pthread_t()
            let box = Unmanaged.passRetained(Box { continuation.resume(returning: $0) })
            pthread_create(
                &thread,
                nil,
                { argument in
                    guard let argument else { return nil }
                    let box = Unmanaged<Box>.fromOpaque(argument).takeRetainedValue()
                    let before = PermittedCores.affinity
                    var mask = [UInt](repeating: 0, count: 16)
                    mask.withUnsafeMutableBytes { bytes in
                        if let start = bytes.baseAddress { _ = get_affinity(0, bytes.count, start) }
                    }
                    let first = mask.firstIndex { $0 != 0 } ?? 0
                    let lowest = mask[first] & (~mask[first] &+ 1)
                    mask = mask.indices.map { $0 == first ? lowest : 0 }
                    mask.withUnsafeBytes { bytes in
                        if let start = bytes.baseAddress { _ = set_affinity(0, bytes.count, start) }
                    }
                    box.done([before, PermittedCores.affinity, PermittedCores.count])
                    return nil
                },
                box.toOpaque()
            )
            pthread_detach(thread)
        }
        #expect((counts[0] ?? 0) >= 1)
        #expect(counts[1] == 1 && counts[2] == 1)
    }

    private final class Box {
        let done: @Sendable ([Int?]) -> Void
        init(_ done: @escaping @Sendable ([Int?]) -> Void) { self.done = done }
    }
}
