import Testing

@testable import SystemdTestKit

/// How a program that is built beside the tests gets into a machine.
@Suite struct ProductTests {
    @Test("Of the libraries that a program links, those of the toolchain go with it")
    func libraries() {
        let listing = """
            \tlinux-vdso.so.1 (0x00007ffc1d9f2000)
            \tlibswiftCore.so => /home/me/swift/usr/lib/swift/linux/libswiftCore.so (0x00007f1)
            \tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f2)
            \tlibFoundation.so => /usr/lib/swift/linux/libFoundation.so (0x00007f3)
            \tlibodd.so => not found
            \t/lib64/ld-linux-x86-64.so.2 (0x00007f4)
            """
        let toolchain = ["/home/me/swift/usr/lib/swift/linux/libswiftCore.so", "/usr/lib/swift/linux/libFoundation.so"]
        #expect(MachineTree.toolchainLibraries(in: listing) == toolchain)
        #expect(MachineTree.toolchainLibraries(in: "\tnot a dynamic executable\n").isEmpty)
    }

    @Test("A program that is not built is named, and so is what would build it")
    func missing() async throws {
        let error = await #expect(throws: MachineError.self) {
            try await withMachine(
                label: "missing",
                prepare: { try await $0.install(product: "no-such-daemon", to: "/usr/local/bin/no-such-daemon") },
                { _ in }
            )
        }
        #expect(
            error?.description.contains("does the test target depend on the executable target 'no-such-daemon'?")
                == true
        )
    }
}
