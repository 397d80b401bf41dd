import NIOCore

/// How many connections the client's pool may hold, reckoned from what it is asked, since it does not tell. It is never
/// less than there are. Pure.
struct PoolReckoning {
    /// What a call may use.
    enum Lease: Equatable {
        /// A connection that an earlier call has left, if it is still there.
        case kept
        /// A new one, which stays for later calls.
        case new
        /// One that is closed behind the call: there is no room for another that stays.
        case single
    }

    /// How long a connection may lie in the pool.
    let lifetime: TimeAmount
    /// The most connections that the pool may hold.
    var limit: Int
    private(set) var inUse = 0
    /// When the connections to each host were left, the last one last: that is the one which the pool gives out first.
    private var left: [String: [NIODeadline]] = [:]

    init(limit: Int, lifetime: TimeAmount) {
        self.limit = limit
        self.lifetime = lifetime
    }

    /// Connections that may lie in the pool.
    var idle: Int { left.values.reduce(0) { $0 + $1.count } }

    /// A call of a host begins.
    mutating func begin(_ host: String, at now: NIODeadline) -> Lease {
        expire(at: now)
        if left[host]?.popLast() != nil {
            inUse += 1
            return .kept
        }
        guard inUse + idle < limit else { return .single }
        inUse += 1
        return .new
    }

    /// A call has ended that was no single one.
    ///
    /// - Parameter leaves: Whether its connection may lie in the pool from now on.
    mutating func end(_ host: String, leaves: Bool, at now: NIODeadline) {
        inUse -= 1
        if leaves { left[host, default: []].append(now) }
    }

    private mutating func expire(at now: NIODeadline) {
        for (host, times) in left {
            let living = times.drop { now - $0 > lifetime }
            if living.count != times.count { left[host] = living.isEmpty ? nil : Array(living) }
        }
    }
}
