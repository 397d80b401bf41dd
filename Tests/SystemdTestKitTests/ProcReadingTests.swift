import Glibc
import Testing

@testable import SystemdTestKit

@Suite struct ProcReadingTests {
    @Test func findsBothTreesOfAHybridHost() {
        let mountinfo = """
            30 22 0:25 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
            31 30 0:26 / /sys/fs/cgroup/cpu rw,relatime shared:5 - cgroup cgroup rw,cpu
            32 30 0:27 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
            33 30 0:28 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
            """
        #expect(
            CgroupHierarchy(mountinfo: mountinfo).directories == ["/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified"]
        )
    }

    @Test func findsTheOneTreeOfAUnifiedHost() {
        let line = "33 30 0:28 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate"
        #expect(CgroupHierarchy(mountinfo: line).directories == ["/sys/fs/cgroup"])
    }

    @Test func findsATreeThatIsMountedTwiceOnce() {
        let mountinfo = """
            33 30 0:28 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate
            34 30 0:28 / /srv/root/sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate
            """
        #expect(CgroupHierarchy(mountinfo: mountinfo).directories == ["/sys/fs/cgroup"])
    }

    @Test(arguments: [("12 (sh) S 7 12", pid_t(7)), ("12 (a) b) (c) R 9 1 1", 9)])
    func readsTheParentBehindAnyName(stat: String, parent: pid_t) {
        #expect(ProcessTree.parent(inStat: stat) == parent)
    }

    @Test func aBrokenStatLineHasNoParent() {
        #expect(ProcessTree.parent(inStat: "12 (sh") == nil)
        #expect(ProcessTree.parent(inStat: "12 (sh) S") == nil)
    }
}
