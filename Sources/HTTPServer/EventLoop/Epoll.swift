import CGlibc
import Glibc

/// What a descriptor is watched for, and what it is ready for (epoll_ctl(2)). Level-triggered.
struct Readiness: OptionSet {
    var rawValue: UInt32

    static let input = Readiness(rawValue: UInt32(POLL_INPUT))
    static let output = Readiness(rawValue: UInt32(POLL_OUTPUT))
    /// The peer is gone, or both halves are closed; always watched for.
    static let ended = Readiness(rawValue: UInt32(POLL_ERROR | POLL_HANG_UP))
    /// The half from which is read is closed.
    static let inputEnded = Readiness(rawValue: UInt32(POLL_INPUT_ENDED))
}

/// Something with a descriptor that an event loop watches. Used on its loop's thread only.
class Pollable {
    final let descriptor: CInt
    /// What it is watched for; the loop's.
    fileprivate(set) final var interest: Readiness = []
    /// Whether the loop watches it, and holds it; the loop's.
    fileprivate final var isWatched = false

    init(descriptor: CInt) {
        self.descriptor = descriptor
    }

    /// Called in a turn of the loop.
    func isReady(for readiness: Readiness) {}
}

/// An epoll instance (epoll(7)), with the calls that an event loop makes of it.
struct Epoll: ~Copyable {
    /// Descriptors that one wait tells of: as many as a turn may serve, if each has as much to do as it may, and still
    /// take no more than some milliseconds.
    private static let batch = 128

    private let descriptor: CInt
    private let events: UnsafeMutablePointer<poll_event>
    /// Removed in this turn. They stay alive until it ends: the kernel may have told of them already.
    private var removed: [Unmanaged<Pollable>] = []

    init() throws {
        descriptor = poll_create(O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemCallError("epoll_create1") }
        events = .allocate(capacity: Self.batch)
        events.initialize(repeating: poll_event(), count: Self.batch)
    }

    deinit {
        close(descriptor)
        events.deallocate()
    }

    /// Watches a descriptor, and holds its owner until it is removed.
    func add(_ pollable: Pollable, for interest: Readiness) throws {
        pollable.interest = interest
        var event = poll_event(events: interest.rawValue, owner: Unmanaged.passUnretained(pollable).toOpaque())
        guard poll_control(descriptor, CInt(POLL_ADD), pollable.descriptor, &event) == 0 else {
            throw SystemCallError("epoll_ctl")
        }
        pollable.isWatched = true
        _ = Unmanaged.passRetained(pollable)
    }

    /// Watches it for something else from now on.
    func change(_ pollable: Pollable, to interest: Readiness) {
        guard pollable.interest != interest else { return }
        pollable.interest = interest
        var event = poll_event(events: interest.rawValue, owner: Unmanaged.passUnretained(pollable).toOpaque())
        poll_control(descriptor, CInt(POLL_CHANGE), pollable.descriptor, &event)
    }

    /// Watches it no more. To be called before the descriptor is closed: one that has a copy elsewhere, as it does once
    /// it is handed over, would be told of for ever.
    mutating func remove(_ pollable: Pollable) {
        guard pollable.isWatched else { return }
        pollable.isWatched = false
        var unused = poll_event()
        poll_control(descriptor, CInt(POLL_REMOVE), pollable.descriptor, &unused)
        removed.append(Unmanaged.passUnretained(pollable))
    }

    /// Lets those go that were removed.
    mutating func endTurn() {
        guard !removed.isEmpty else { return }
        for pollable in removed { pollable.release() }
        removed.removeAll(keepingCapacity: removed.count < 64)
    }

    /// Waits until something is ready, for so many milliseconds; -1 waits for ever. Returns how many are.
    ///
    /// In whole milliseconds, rounded up: of timers that are due one shortly after the other, several are then served by
    /// one wake-up. With 10,000 requests that wait a second each, this takes 1 µs less of each.
    func wait(_ milliseconds: CInt) -> Int {
        Int(max(0, poll_wait(descriptor, events, CInt(Self.batch), milliseconds)))
    }

    /// What the last wait told at this place: whom, who may have been removed since, and what for.
    func ready(_ index: Int) -> (Unmanaged<Pollable>, Readiness)? {
        let event = events[index]
        guard let pointer = event.owner else { return nil }
        return (Unmanaged<Pollable>.fromOpaque(pointer), Readiness(rawValue: event.events))
    }
}
