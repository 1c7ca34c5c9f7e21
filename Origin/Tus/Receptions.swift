internal import Synchronization

/// The requests that bring bytes at this moment, one for each upload at most.
///
/// It keeps two requests of this process from wasting each other's bytes; what decides between them is the offset, in the catalog's
/// transaction. A request whose client is gone holds nobody up: one that has been silent is ended by whoever comes next.
final class Receptions: Sendable {
    private let underWay = Mutex<[String: Reception]>([:])

    /// Takes the place of an upload; throws `busy` while another request brings bytes.
    func enter(_ reception: Reception, _ id: String, now: @Sendable () -> Int64) async throws {
        while let other = occupant(of: id, else: reception) {
            guard other.isSilent(at: now()) else { throw TusRefusal.busy }
            await other.end()
        }
    }

    /// Ends a request that has been silent by `time`; without a time any request. Returns when what it brought is durable, and
    /// whether there was one.
    @discardableResult
    func clear(_ id: String, at time: Int64? = nil) async -> Bool {
        guard let other = underWay.withLock({ $0[id] }) else { return false }
        if let time, !other.isSilent(at: time) { return false }
        await other.end()
        return true
    }

    /// Gives the place back.
    func leave(_ id: String) {
        underWay.withLock { $0.removeValue(forKey: id) }?.left()
    }

    private func occupant(of id: String, else reception: Reception) -> Reception? {
        underWay.withLock { underWay in
            if let other = underWay[id] { return other }
            underWay[id] = reception
            return nil
        }
    }
}

/// One request that brings bytes.
final class Reception: Sendable {
    /// After how long without a byte whoever comes next takes the place: 2 s, in milliseconds.
    static let silenceMilliseconds: Int64 = 2_000

    private struct State {
        var heardAt: Int64
        var reading: Task<Void, any Error>?
        var isEnded = false
        var hasLeft = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    init(at now: Int64) { state = Mutex(State(heardAt: now)) }

    /// Bytes have come.
    func heard(at now: Int64) { state.withLock { $0.heardAt = now } }

    func isSilent(at now: Int64) -> Bool { state.withLock { now - $0.heardAt >= Self.silenceMilliseconds } }

    /// `reading` is what waits for bytes, and is cancelled when another request takes the place.
    func begin(_ reading: Task<Void, any Error>) {
        let isEnded = state.withLock { state in
            state.reading = reading
            return state.isEnded
        }
        if isEnded { reading.cancel() }
    }

    /// Reads no further; returns when what has come is durable.
    func end() async {
        let reading = state.withLock { state in
            state.isEnded = true
            return state.reading
        }
        reading?.cancel()
        await withCheckedContinuation { continuation in
            let hasLeft = state.withLock { state in
                if !state.hasLeft { state.waiting.append(continuation) }
                return state.hasLeft
            }
            if hasLeft { continuation.resume() }
        }
    }

    /// Everything is done.
    func left() {
        let waiting = state.withLock { state in
            state.hasLeft = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
