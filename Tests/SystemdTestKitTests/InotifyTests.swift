import Glibc
import Testing

@testable import SystemdTestKit

/// What is said of a machine that did not boot because there are too many.
@Suite struct InotifyTests {
    @Test("The limit is named where there was no room for a machine, and only there")
    func advice() {
        #expect(InotifyLimit.advice(inUse: 121, of: 128) == nil)
        #expect(InotifyLimit.advice(inUse: 122, of: 128)?.contains("122 of fs.inotify.max_user_instances=128") == true)
    }

    @Test("An instance of this process is counted")
    func counted() throws {
        // No other test has any in this process.
        let before = InotifyLimit.inUse(by: getpid())
        let instance = inotify_init1(Int32(IN_CLOEXEC))
        try #require(instance >= 0)
        defer { close(instance) }
        #expect(InotifyLimit.inUse(by: getpid()) == before + 1)
        #expect(InotifyLimit.inUse() >= 1)
    }

    @Test("A boot that fails where there was no room says so")
    func failure() {
        let error = MachineError.bootFailed(reason: "no time", console: "booting\n")
        let said = error.naming("the limit").description
        #expect(said.hasPrefix("the machine did not boot: no time (the limit); the end of its console:"))
        #expect(error.naming(nil).description == error.description)
        let other = MachineError.missing(["ip"])
        #expect(other.naming("the limit").description == other.description)
    }
}
