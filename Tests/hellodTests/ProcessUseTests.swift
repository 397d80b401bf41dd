import Glibc
import Testing

@testable import HTTPDaemon

@Suite("What a process uses")
struct ProcessUseTests {
    private static let numbers = "S 1 2 3 0 -1 4194560 9 0 0 0 7 8 0 0 20 0 6 0 4321 99999 1234 18446744073709551615"

    @Test("is told from its start and its memory, whatever its name is", arguments: ["hellod", "a) S 1 (", "a b", ""])
    func read(name: String) {
        let use = ProcessUse(stat: "42 (\(name)) \(Self.numbers)\n")
        #expect(use?.startTicks == 4321)
        #expect(use?.residentPages == 1234)
    }

    @Test("is unknown where the kernel says something else", arguments: ["", "42", "42 (a)", "42 (a) S 1 2 3", ")"])
    func unreadable(text: String) { #expect(ProcessUse(stat: text) == nil) }

    @Test("is more than nothing for this one, which began in the past, and after 2020")
    func own() throws {
        let use = try #require(ProcessUse.current())
        #expect(use.residentOctets > 1 << 20)
        #expect(use.startTime > 1_577_836_800)
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        #expect(use.startTime <= Double(now.tv_sec + 1))
    }
}
