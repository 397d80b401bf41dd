import Glibc
import Greeting
import Testing

@testable import Upstreams

@Suite("What an error of a connection says")
struct UpstreamFailureTests {
    @Test(
        "is its kind, and to install the drop-in only where there is no network",
        arguments: [
            (ECONNREFUSED, UpstreamFailure.Kind.connect), (EHOSTUNREACH, .noRoute), (ENETUNREACH, .noRoute),
            (EAFNOSUPPORT, .noRoute), (EPERM, .connect), (EACCES, .connect), (ETIMEDOUT, .connect), (EMFILE, .connect),
        ]
    )
    func kinds(code: CInt, kind: UpstreamFailure.Kind) {
        let failure = UpstreamFailure.connecting(code, isWithoutNetwork: false)
        #expect(failure.kind == kind)
        #expect(failure.code == code)
        #expect(!failure.message.contains("upstreams.conf"), "\(failure.message)")
    }

    @Test("without a network is to install the drop-in", arguments: [ENETUNREACH, EAFNOSUPPORT])
    func withoutNetwork(code: CInt) {
        let failure = UpstreamFailure.connecting(code, isWithoutNetwork: true)
        #expect(failure.kind == .noRoute && failure.code == code)
        #expect(failure.message.contains("upstreams.conf"))
    }
}
