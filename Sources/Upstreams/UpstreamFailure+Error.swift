import AsyncHTTPClient
import Glibc
import Greeting
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

extension UpstreamFailure {
    /// Says what an error of the client means, without what an upstream may have put into its text.
    init(_ error: any Error, maximumBody: Int) {
        switch error {
        case is AnswerCollector.TooLarge:
            self.init(.tooLarge, "The content is larger than \(maximumBody) octets.")
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError:
            self.init(.tls, "The TLS handshake failed: the certificate is not valid, or not trusted.")
        case let error as HTTPClientError where error == .tlsHandshakeTimeout:
            self.init(.tls, "The TLS handshake took too long.")
        case let error as HTTPClientError where error == .connectTimeout || error == .getConnectionFromPoolTimeout:
            self.init(.connect, "The connection could not be made in time.", code: ETIMEDOUT)
        case let error as HTTPClientError where error == .remoteConnectionClosed:
            self.init(.protocol, "The connection was closed before the answer was whole.")
        case is HTTPParserError, is HTTPClientError:
            self.init(.protocol, "The answer is not valid HTTP.")
        case let error as NIOConnectionError:
            self = .connecting(error)
        case let error as IOError:
            self = .connecting(error.errnoCode)
        case is ChannelError:
            self.init(.connect, "The connection could not be made, or broke.")
        default:
            self.init(.protocol, "The call failed.")
        }
    }

    private static func connecting(_ error: NIOConnectionError) -> UpstreamFailure {
        // The last attempt was at the address that was tried when all others had failed.
        if let code = error.connectionErrors.lazy.reversed().compactMap({ ($0.error as? IOError)?.errnoCode }).first {
            return connecting(code)
        }
        if !error.connectionErrors.isEmpty {
            return UpstreamFailure(.connect, "The connection could not be made in time.", code: ETIMEDOUT)
        }
        // Without a network no name is found either.
        if let code = Network.missing { return connecting(code) }
        return UpstreamFailure(.connect, "The host's name could not be resolved.")
    }

    private static func connecting(_ code: CInt) -> UpstreamFailure {
        let message =
            switch code {
            case ECONNREFUSED: "The connection was refused."
            case ECONNRESET, EPIPE: "The connection broke."
            case EHOSTUNREACH: "The host cannot be reached."
            case ETIMEDOUT: "The connection could not be made in time."
            case EMFILE, ENFILE: "No descriptor was left for the connection."
            case ENETUNREACH, EAFNOSUPPORT, EPERM, EACCES:
                "There is no network to call it over. Under systemd the drop-in upstreams.conf is needed."
            default: "The connection could not be made, or broke."
            }
        return UpstreamFailure(.connect, message, code: code)
    }
}

/// Whether there is a network to call anybody over. Asking sends nothing.
enum Network {
    /// Why there is none, or nil: a sandbox that allows no such sockets, or that has the loopback alone.
    static var missing: CInt? {
        let descriptor = socket(AF_INET, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return [EAFNOSUPPORT, EPERM, EACCES].contains(errno) ? errno : nil }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(53).bigEndian
        // An address of the documentation's (RFC 5737): it is beyond every loopback.
        address.sin_addr.s_addr = UInt32(0xc000_0201).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return result != 0 && errno == ENETUNREACH ? ENETUNREACH : nil
    }
}
