/// How the descriptors that calls may have are shared out among them. Pure.
struct CallBudget: Equatable {
    /// What a call may have at once: a connection, and a second attempt at another address of the host.
    static let eachCall = 2

    /// Calls that may go on at once.
    let calls: Int
    /// Connections past which none is kept for later calls.
    let kept: Int

    /// Shares out.
    ///
    /// - Parameters:
    ///   - wanted: What is configured.
    ///   - descriptors: How many there may be.
    init(_ wanted: AggregateSettings, descriptors: Int) {
        guard !wanted.upstreams.isEmpty else {
            (calls, kept) = (wanted.maximumCalls, 0)
            return
        }
        if descriptors >= wanted.descriptors {
            (calls, kept) = (wanted.maximumCalls, wanted.mostKept)
        } else {
            calls = max(1, min(wanted.maximumCalls, descriptors / (Self.eachCall + 1)))
            kept = max(1, descriptors - calls * Self.eachCall)
        }
    }
}

extension AggregateSettings {
    /// Room for each upstream to have one connection that is kept.
    fileprivate var mostKept: Int { max(maximumCalls, upstreams.count) }

    /// Descriptors that the calls have at most; none where there is nothing to call.
    public var descriptors: Int { upstreams.isEmpty ? 0 : maximumCalls * CallBudget.eachCall + mostKept }
}
