import CGlibc
import Glibc
import HTTPServer

/// The signals that the daemon acts on, read from a descriptor by an event loop (signalfd(2)): whatever the machine lacks
/// when one comes, threads or descriptors, nothing more is needed.
final class Signals: Sendable {
    private static let requests: [CInt: StopIntent.Request] = [
        SIGTERM: .stop, SIGINT: .stop, SIGUSR2: .handOver, SIGHUP: .reload,
    ]

    private let descriptor: CInt

    /// Holds the signals back from now on. To be called before any thread starts, which inherits it.
    static func block() {
        var set = sigset_t()
        sigemptyset(&set)
        for number in requests.keys {
            // A handler that is never called: systemd 262 wants SIGHUP to be caught before it believes in a reload.
            signal(number) { _ in }
            sigaddset(&set, number)
        }
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Opens the descriptor.
    init() throws(SystemError) {
        var set = sigset_t()
        sigemptyset(&set)
        for number in Self.requests.keys { sigaddset(&set, number) }
        descriptor = signal_descriptor(-1, &set, O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw SystemError("signalfd", errno) }
    }

    deinit { close(descriptor) }

    /// Has `handle` called on a loop for each request, from now on and for those before. Signals of one kind that came
    /// together are one.
    func handle(
        on eventLoop: EpollLoop,
        _ handle: @escaping @Sendable (StopIntent.Request) -> Void
    ) async throws {
        try await eventLoop.watch(descriptor) { [self] in read(handle) }
    }

    /// Handles what has come, without waiting for a turn of the loop.
    func read(_ handle: (StopIntent.Request) -> Void) {
        // struct signalfd_siginfo, of which the number is the first part.
        var octets = [UInt8](repeating: 0, count: 128)
        while Glibc.read(descriptor, &octets, octets.count) == octets.count {
            let number = octets.withUnsafeBytes { CInt(bitPattern: $0.load(as: UInt32.self)) }
            if let request = Self.requests[number] { handle(request) }
        }
    }
}

/// A call to the system that failed.
struct SystemError: Error, CustomStringConvertible {
    let description: String
    let code: CInt

    init(_ operation: String, _ code: CInt, _ hint: String = "") {
        description = "\(operation): \(String(cString: strerror(code)))\(hint)"
        self.code = code
    }
}
