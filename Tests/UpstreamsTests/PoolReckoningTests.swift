import NIOCore
import Testing

@testable import Upstreams

@Suite("Connections that the pool may hold")
struct PoolReckoningTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    @Test("what a call leaves is used by the next one of the same host, and of no other")
    func kept() {
        var pool = PoolReckoning(limit: 10, lifetime: .seconds(60))
        #expect(pool.begin("a", at: start) == .new)
        pool.end("a", leaves: true, at: start)
        #expect(pool.begin("b", at: start) == .new)
        #expect(pool.begin("a", at: start) == .kept)
        #expect(pool.begin("a", at: start) == .new)
        pool.end("a", leaves: false, at: start)
        #expect(pool.begin("a", at: start) == .new)
    }

    @Test("past the bound, calls get connections that do not stay, until there is room")
    func bounded() {
        var pool = PoolReckoning(limit: 2, lifetime: .seconds(60))
        let first = ["a", "b", "c"].map { pool.begin($0, at: start) }
        #expect(first == [.new, .new, .single])
        pool.end("a", leaves: true, at: start)
        #expect(pool.begin("c", at: start) == .single)
        #expect(pool.begin("a", at: start) == .kept)
        pool.end("a", leaves: false, at: start)
        #expect(pool.begin("c", at: start) == .new)
    }

    @Test("what nobody uses for long enough is no more")
    func expired() {
        var pool = PoolReckoning(limit: 2, lifetime: .seconds(60))
        for host in ["a", "b"] {
            _ = pool.begin(host, at: start)
            pool.end(host, leaves: true, at: start)
        }
        #expect(pool.begin("c", at: start + .seconds(60)) == .single)
        #expect(pool.begin("c", at: start + .seconds(61)) == .new)
        #expect(pool.idle == 0 && pool.inUse == 1)
    }
}
