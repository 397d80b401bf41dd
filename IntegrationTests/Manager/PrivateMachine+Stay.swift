import Foundation
import Glibc
import Synchronization

extension PrivateMachine {
    /// Lets a person look around: tells how to enter the machine, and returns when Enter is pressed or the input ends, when
    /// the task is cancelled, or when the machine is gone.
    package func stay() async {
        let isCancelled = Mutex(false)
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // It waits for somebody, which no task may.
                Thread.detachNewThread { [self] in
                    Self.visiting.withLock { _ in
                        Console().waitForEnter(saying: invitation) {
                            isCancelled.withLock { $0 } || access(root, F_OK) != 0
                        }
                    }
                    continuation.resume()
                }
            }
        } onCancel: {
            isCancelled.withLock { $0 = true }
        }
    }

    /// Whether whoever runs the tests wants to look at a machine in which one has failed.
    static var staysOnFailure: Bool { ProcessInfo.processInfo.environment["SYSTEMD_TEST_KIT_STAY"] == "1" }

    private var invitation: String {
        "\(name) stays as it is. To enter it, as root:\n    \(entry.joined(separator: " ")) sh\nEnter ends it.\n"
    }

    /// One machine after the other: there is one keyboard.
    private static let visiting = Mutex(())
}

/// Where a person is, if there is one.
private struct Console {
    private let input: Int32
    private let isTerminal: Bool

    /// Standard input, if it is a terminal; or this session's terminal, for a test's input is not the terminal that it is run
    /// from; or whatever standard input is.
    init() {
        let terminal = isatty(STDIN_FILENO) == 1 ? dup(STDIN_FILENO) : open("/dev/tty", O_RDWR | O_CLOEXEC)
        isTerminal = terminal >= 0
        input = isTerminal ? terminal : dup(STDIN_FILENO)
    }

    func waitForEnter(saying text: String, orUntil isOver: () -> Bool) {
        defer { close(input) }
        let bytes = Array(text.utf8)
        _ = write(isTerminal ? input : STDERR_FILENO, bytes, bytes.count)
        // Tests run in a process group of their own, which may not read from the terminal unless it is in front.
        let before = isTerminal ? tcgetpgrp(input) : -1
        let isBehind = before > 0 && before != getpgrp()
        if isBehind { Self.bring(getpgrp(), toFrontOf: input) }
        defer { if isBehind { Self.bring(before, toFrontOf: input) } }
        while !isOver() {
            var polled = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
            guard poll(&polled, 1, 100) > 0 else { continue }
            var character: UInt8 = 0
            if read(input, &character, 1) < 1 || character == UInt8(ascii: "\n") { return }
        }
    }

    private static func bring(_ group: pid_t, toFrontOf terminal: Int32) {
        // A group in the background that does this is stopped, unless its thread blocks the signal.
        var signal = sigset_t()
        var before = sigset_t()
        sigemptyset(&signal)
        sigaddset(&signal, SIGTTOU)
        pthread_sigmask(SIG_BLOCK, &signal, &before)
        tcsetpgrp(terminal, group)
        pthread_sigmask(SIG_SETMASK, &before, nil)
    }
}
