import Testing

@testable import HTTPDaemon

@Suite("A control group's quota")
struct CPUQuotaTests {
    @Test(
        "comes to whole cores, rounded up",
        arguments: [
            ("50000 100000\n", 1), ("100000 100000\n", 1), ("100001 100000\n", 2), ("400000 100000", 4),
            ("1 1000000\n", 1), ("9223372036854775807 1\n", Int.max),
        ]
    )
    func cores(text: String, cores: Int) { #expect(CPUQuota(max: text)?.cores == cores) }

    @Test(
        "is none where the group has none, or the kernel says something else",
        arguments: [
            "max 100000\n", "", "\n", "50000", "50000 0\n", "0 100000\n", "-1 100000\n", "50000 100000 1\n", "a b\n",
        ]
    )
    func none(text: String) { #expect(CPUQuota(max: text) == nil) }

    @Test("is in two files of the old hierarchy")
    func old() {
        #expect(CPUQuota(quota: "150000\n", period: "100000\n")?.cores == 2)
        #expect(CPUQuota(quota: "-1\n", period: "100000\n") == nil)
        #expect(CPUQuota(quota: "", period: "") == nil)
    }

    @Test(
        "binds whatever is below the group",
        arguments: [
            ("0::/system.slice/hello.service\n", ["/system.slice/hello.service", "/system.slice", ""]),
            ("0::/\n", [""]),
            ("4:memory:/a\n1:name=systemd:/b\n0::/c\n", ["/c", ""]),
            ("4:cpu,cpuacct:/a\n", [""]),
            ("", [""]),
            // A path may have the separator in it.
            ("0::/a:b\n", ["/a:b", ""]),
        ]
    )
    func groups(text: String, groups: [Substring]) { #expect(CPUQuota.groups(text) == groups) }
}
