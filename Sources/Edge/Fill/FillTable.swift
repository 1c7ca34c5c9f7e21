import SegmentStore
import Synchronization

/// The fills under way, by cache key: at most one per key in the whole process, so that any number of clients cost the
/// origin one request. Touched on the miss path only.
final class FillTable: Sendable {
    private let state = Mutex(State())

    private struct State {
        var fills: [[UInt8]: Entry] = [:]
        var passes: [[UInt8]: Int64] = [:]
    }

    private struct Entry {
        let fill: Fill
        /// Known once the origin's head is here.
        var tags: Set<[UInt8]>?
    }

    /// How many keys are remembered as not worth collapsing.
    private static let passLimit = 4096

    enum Joined {
        case began(Fill)
        case joined(Fill)
    }

    /// The fill for `key`, begun by `make` if there is none. `make` runs under the table's lock and takes the purge
    /// sequence there: a purge that raises it first is older than the fill, and one that comes later finds the fill here.
    /// A fill that waits for nothing but the store is joined only while its response is fresh: whoever comes later is as
    /// late as one who finds it stored.
    ///
    /// - Parameter now: epoch seconds.
    func joinOrBegin(_ key: [UInt8], now: Int64, make: () -> Fill) -> Joined {
        state.withLock { state in
            if let entry = state.fills[key], !entry.fill.isOver(at: now) { return .joined(entry.fill) }
            let fill = make()
            state.fills[key] = Entry(fill: fill)
            return .began(fill)
        }
    }

    /// The fill of a slice goes on as the fill of the whole. Returns the one that runs already, if there is one; a fill that
    /// a purge has taken off the table stays off it.
    func turn(_ slice: Fill, into whole: Fill) -> Fill? {
        state.withLock { state in
            guard state.fills[slice.key]?.fill === slice else { return nil }
            state.fills[slice.key] = nil
            if let running = state.fills[whole.key] { return running.fill }
            state.fills[whole.key] = Entry(fill: whole)
            return nil
        }
    }

    /// The fill of `key` that runs now.
    func running(_ key: [UInt8]) -> Fill? { state.withLock { $0.fills[key]?.fill } }

    /// The tags of a fill's object are known.
    func setTags(_ tags: [[UInt8]], of fill: Fill) {
        state.withLock { state in
            if state.fills[fill.key]?.fill === fill { state.fills[fill.key]?.tags = Set(tags) }
        }
    }

    /// No new client may join this fill.
    func remove(_ fill: Fill) {
        state.withLock { state in
            if state.fills[fill.key]?.fill === fill { state.fills[fill.key] = nil }
        }
    }

    /// Lets running fills that a purge covers go on without new clients. Called between the purge taking force in the
    /// store and its acknowledgement; a fill whose tags are not known yet counts as covered.
    func detach(coveredBy request: PurgeRequest) {
        state.withLock { state in
            state.fills = state.fills.filter { !request.covers(key: $0.key, tags: $0.value.tags) }
        }
    }

    /// Remembers that responses for `key` are not for sharing, so that the next clients do not wait for each other.
    func markPass(_ key: [UInt8], until deadline: Int64, now: Int64) {
        state.withLock { state in
            if state.passes.count >= Self.passLimit {
                state.passes = state.passes.filter { $0.value > now }
                if state.passes.count >= Self.passLimit { state.passes.removeAll() }
            }
            state.passes[key] = deadline
        }
    }

    /// Whether `key` was marked and the mark still holds.
    func isPass(_ key: [UInt8], now: Int64) -> Bool {
        state.withLock { ($0.passes[key] ?? .min) > now }
    }

    /// Whether an object of that primary key is on its way.
    func isFilling(_ primary: [UInt8]) -> Bool {
        state.withLock {
            $0.fills.keys.contains { $0.starts(with: primary) && $0.prefix { $0 != 0 }.count == primary.count }
        }
    }

    /// Fills under way, for metrics.
    var count: Int { state.withLock { $0.fills.count } }
}

extension PurgeRequest {
    func covers(key: [UInt8], tags known: Set<[UInt8]>?) -> Bool {
        if all || urls.contains(where: { $0.elementsEqual(key.prefix { $0 != 0 }) })
            || prefixes.contains(where: key.starts(with:))
        {
            return true
        }
        if tags.isEmpty { return false }
        return known.map { known in tags.contains(where: known.contains) } ?? true
    }
}
