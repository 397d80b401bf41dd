import Glibc
import NIOCore

/// What an error of a socket call says about who is at fault.
enum ConnectFault {
    /// The outcome of a request whose connection could not be had.
    static func outcome(of error: any Error) -> Outcome {
        guard let code = (error as? IOError)?.errnoCode else { return .clientError }
        switch code {
        case ECONNREFUSED, ENOENT, EACCES, EPERM, ENETUNREACH, EHOSTUNREACH, ENOTSOCK, ENOTDIR, EAGAIN:
            return .refused
        case ECONNRESET, EPIPE, ECONNABORTED: return .reset
        case ETIMEDOUT: return .timedOut
        default: return .clientError
        }
    }

    /// Whether a Unix socket's queue is full: connect(2) gives `EAGAIN` where a blocking socket would wait.
    static func isQueueFull(_ error: any Error) -> Bool { (error as? IOError)?.errnoCode == EAGAIN }

    /// The error in words, with advice where the client is at fault.
    static func text(of error: any Error) -> String {
        guard let error = error as? IOError else { return "connect: \(error)" }
        switch error.errnoCode {
        case ECONNREFUSED:
            return "connect: ECONNREFUSED, nobody listens there in the load's network (withLoadEngine(network:))"
        case EADDRNOTAVAIL:
            return "connect: EADDRNOTAVAIL, the client has no source port left for this address"
        case EMFILE: return "connect: EMFILE, the client process is out of descriptors (RLIMIT_NOFILE)"
        case ENFILE: return "connect: ENFILE, the machine is out of descriptors"
        default: return "connect: \(error)"
        }
    }

    /// The outcome of a request whose connection was lost.
    static func lossOutcome(of error: (any Error)?) -> Outcome {
        guard let code = (error as? IOError)?.errnoCode else { return .closed }
        return code == ETIMEDOUT ? .timedOut : .reset
    }
}
