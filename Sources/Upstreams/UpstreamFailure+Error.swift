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
        if let code = Network.missing { return withoutNetwork(code) }
        return UpstreamFailure(.resolve, "The host's name could not be resolved.")
    }

    private static func connecting(_ code: CInt) -> UpstreamFailure {
        // Asked for such an error alone, since it is rare.
        let network = [ENETUNREACH, EAFNOSUPPORT].contains(code) ? Network.missing : nil
        return connecting(code, isWithoutNetwork: network != nil)
    }

    /// What the system's number means, where there is a network or none.
    static func connecting(_ code: CInt, isWithoutNetwork: Bool) -> UpstreamFailure {
        if isWithoutNetwork { return withoutNetwork(code) }
        let (kind, message): (Kind, String) =
            switch code {
            case ECONNREFUSED: (.connect, "The connection was refused.")
            case ECONNRESET, EPIPE: (.connect, "The connection broke.")
            case EHOSTUNREACH: (.noRoute, "The host cannot be reached.")
            case ENETUNREACH: (.noRoute, "There is no route to the host.")
            case EAFNOSUPPORT: (.noRoute, "There is no network of the address's family.")
            case EPERM, EACCES:
                (.connect, "The connection is not allowed. Under systemd see IPAddressAllow= and IPAddressDeny=.")
            case ETIMEDOUT: (.connect, "The connection could not be made in time.")
            case EMFILE, ENFILE: (.connect, "No descriptor was left for the connection.")
            default: (.connect, "The connection could not be made, or broke.")
            }
        return UpstreamFailure(kind, message, code: code)
    }

    private static func withoutNetwork(_ code: CInt) -> UpstreamFailure {
        let message = "There is no network to call it over. Under systemd the drop-in upstreams.conf is needed."
        return UpstreamFailure(.noRoute, message, code: code)
    }
}

/// Whether there is a network to call anybody over. Asking sends nothing.
enum Network {
    /// Why there is none, or nil: a sandbox that allows no such sockets, or that has the loopback alone.
    static var missing: CInt? {
        let descriptor = socket(AF_INET, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return errno == EAFNOSUPPORT ? EAFNOSUPPORT : nil }
        close(descriptor)
        return hasLoopbackAlone ? ENETUNREACH : nil
    }

    /// Whether no interface is up but the loopback. A machine whose routes are wrong has others.
    private static var hasLoopbackAlone: Bool {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return false }
        defer { freeifaddrs(first) }
        var next = first
        while let entry = next {
            let flags = Int(entry.pointee.ifa_flags)
            if flags & IFF_UP != 0 && flags & IFF_LOOPBACK == 0 { return false }
            next = entry.pointee.ifa_next
        }
        return true
    }
}
