import Glibc

/// A file descriptor that is closed when its owner goes away, unless it was released first.
///
/// Closing is close(2) alone. Never shutdown(2): that would act on the socket itself, which the service manager shares,
/// and so take the socket unit down for good.
struct OwnedDescriptor: ~Copyable, Sendable {
    let number: CInt

    init(_ number: CInt) {
        self.number = number
    }

    deinit {
        // Not retried on EINTR: on Linux the descriptor is gone either way (close(2)).
        _ = close(number)
    }

    /// Gives the descriptor up without closing it.
    consuming func release() -> CInt {
        let number = self.number
        discard self
        return number
    }
}
