import Glibc
import Testing

@testable import HTTPServer

@Suite("Moments")
struct MonotonicTimeTests {
    private static func at(_ nanoseconds: UInt64) -> MonotonicTime { MonotonicTime(nanoseconds: nanoseconds) }

    @Test("are of the clock that all processes share")
    func clock() {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let before = Self.at(UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
        let now = MonotonicTime.now()
        #expect(now >= before && now - before < .seconds(10))
    }

    @Test("lie as far apart as the duration between them, to either side")
    func distance() {
        #expect(Self.at(5) + .milliseconds(1) == Self.at(1_000_005))
        #expect(Self.at(5) + .nanoseconds(-2) == Self.at(3))
        #expect(Self.at(1_000_005) - Self.at(5) == .milliseconds(1))
        #expect(Self.at(5) - Self.at(1_000_005) == .milliseconds(-1))
        #expect(Self.at(0) - Self.at(.max) == .nanoseconds(-Int64.max))
    }

    @Test("have a first one and a last one")
    func bounds() {
        let last = Self.at(.max)
        #expect(last + .seconds(1) == last)
        #expect(Self.at(1) + .seconds(Int64.max) == last)
        #expect(Self.at(1) + .seconds(-1) == Self.at(0))
        #expect(Self.at(1) + .seconds(Int64.min) == Self.at(0))
        #expect(last.nanoseconds == UInt64(Int64.max))
    }

    @Test(
        "are waited for in whole milliseconds, and never too short",
        arguments: [(0, 0), (1, 1), (1_000_000, 1), (1_000_001, 2), (.max, CInt.max)] as [(UInt64, CInt)]
    )
    func pollTimeout(nanoseconds: UInt64, milliseconds: CInt) {
        #expect(Self.at(0).pollTimeout(until: Self.at(nanoseconds)) == milliseconds)
    }

    @Test("are not waited for once they are over")
    func over() {
        // A negative one would wait for ever.
        for end in [1, 3_000_000_000] as [UInt64] {
            #expect(Self.at(3_000_000_000).pollTimeout(until: Self.at(end)) == 0)
        }
    }
}

@Suite("Errors of system calls")
struct SystemCallErrorTests {
    @Test("say what failed, why, and by which number")
    func description() {
        let error = SystemCallError("epoll_ctl", code: ENOSPC)
        #expect("\(error)" == "epoll_ctl: No space left on device (errno 28)")
    }
}
