/// Which of a pool's keys signs at a moment, and how long the others are needed.
///
///     published ──signsFrom──▶ signing ──the next one signs──▶ verifying ──its last token has ended──▶ ended
///
/// Nothing of it is stored but when each key begins to sign, so that every origin of a pool comes to the same answer without
/// asking, also after a crash.
enum TokenKeyTurns {
    enum State: Equatable {
        /// In the key set, for verifiers that keep it a while; it does not sign yet.
        case published
        /// One key of a pool.
        case signing
        /// Another one signs; what this one has signed is still good.
        case verifying
        /// Nothing that it has signed is good any more.
        case ended
    }

    /// How long verifiers and caches may keep the key set, in seconds.
    static let cacheSeconds: Int64 = 300
    /// How long a key is in the key set before it signs: for a cache, for one behind it, and for other origins of the pool to
    /// read it.
    static let publishedSeconds: Int64 = 2 * cacheSeconds
    /// How long a key is kept after its last signature: the longest life of a token, and a minute for clocks that differ.
    static let verifyingSeconds: Int64 = 86_400 + 60

    /// The states at `now` of keys that begin to sign at `starts`, the last to begin first; all in epoch milliseconds.
    ///
    /// Before the first of them begins, it signs nevertheless.
    static func states(_ starts: [Int64], now: Int64) -> [State] {
        let signing = starts.firstIndex { $0 <= now } ?? starts.count - 1
        return starts.indices.map { index in
            if index < signing { return .published }
            if index == signing { return .signing }
            return now < starts[index - 1] + verifyingSeconds * 1000 ? .verifying : .ended
        }
    }
}
