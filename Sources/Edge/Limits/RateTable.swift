import Synchronization

/// What clients and grants owe to their buckets, for all loops of an edge: a fixed number of words, no lock, no allocation.
///
/// A key belongs to a set of eight words in one cache line. A word is a tag of 24 bits of the key and 40 bits of time in
/// microseconds: the moment at which the bucket is full. That moment in the past, or further ahead than any debt reaches,
/// means a full bucket, and such a word is free for another key. When all eight are owing, the one that is closest to full
/// is forgotten: its client may take a little more than it should, and nobody is refused who should not be.
final class RateTable: Sendable {
    enum Taking: Equatable {
        case taken
        /// Taken, and the debt of another key had to be forgotten.
        case takenForgetting
        case refused(after: UInt64)
    }

    static let ways = 8
    private static let attempts = 8
    private static let timeBits: UInt64 = 40
    private static let timeMask: UInt64 = 1 << timeBits - 1

    private let sets: AtomicWordSets

    /// Room for `capacity` keys, rounded up to a power of two.
    init(capacity: Int) {
        sets = AtomicWordSets(capacity: capacity, ways: Self.ways)
    }

    /// Takes `tokens` from the bucket of `key` if it holds them; `now` in microseconds.
    func take(_ tokens: Int, of key: UInt64, from bucket: TokenBucket, at now: UInt64) -> Taking {
        var refusal: UInt64?
        let isForgetting = update(key, at: now) { debt in
            switch bucket.take(tokens, owing: debt) {
            case .taken(let debt):
                refusal = nil
                return debt
            case .refused(let after):
                refusal = after
                return nil
            }
        }
        if let refusal { return .refused(after: refusal) }
        return isForgetting ? .takenForgetting : .taken
    }

    /// Charges the bucket of `key` with tokens that are gone already.
    func spend(_ tokens: Int, of key: UInt64, from bucket: TokenBucket, at now: UInt64) {
        _ = update(key, at: now) { bucket.spend(tokens, owing: $0) }
    }

    /// What the bucket of `key` owes, in microseconds.
    func debt(of key: UInt64, at now: UInt64) -> UInt64 {
        let set = sets.set(of: key)
        for way in 0..<Self.ways {
            let word = (set + way).pointee.load(ordering: .relaxed)
            if word >> Self.timeBits == tag(of: key) { return debt(ofWord: word, at: now) }
        }
        return 0
    }

    /// Replaces the debt of `key` by what `change` makes of it, which may be nothing. True if another key was forgotten.
    ///
    /// Gives up, and nothing is counted, if other loops change the same words all the time.
    private func update(_ key: UInt64, at now: UInt64, _ change: (UInt64) -> UInt64?) -> Bool {
        let (set, tag) = (sets.set(of: key), tag(of: key))
        for _ in 0..<Self.attempts {
            let place = place(for: tag, in: set, at: now)
            guard let debt = change(place.isKnown ? place.debt : 0) else { return false }
            let moment = (now &+ debt) & Self.timeMask
            let (isExchanged, _) = (set + place.way).pointee.compareExchange(
                expected: place.word, desired: tag << Self.timeBits | moment, ordering: .relaxed)
            if isExchanged { return !place.isKnown && place.debt > 0 }
        }
        return false
    }

    private struct Place {
        var way: Int
        var word: UInt64
        var debt: UInt64
        var isKnown: Bool
    }

    /// The word of `tag`, or the one that is closest to a full bucket.
    private func place(for tag: UInt64, in set: UnsafeMutablePointer<AtomicWordSets.Word>, at now: UInt64) -> Place {
        for way in 0..<Self.ways {
            let word = (set + way).pointee.load(ordering: .relaxed)
            if word >> Self.timeBits == tag {
                return Place(way: way, word: word, debt: debt(ofWord: word, at: now), isKnown: true)
            }
        }
        return fullest(in: set, at: now)
    }

    private func fullest(in set: UnsafeMutablePointer<AtomicWordSets.Word>, at now: UInt64) -> Place {
        var best = Place(way: 0, word: 0, debt: .max, isKnown: false)
        for way in 0..<Self.ways {
            let word = (set + way).pointee.load(ordering: .relaxed)
            let debt = debt(ofWord: word, at: now)
            if debt < best.debt { best = Place(way: way, word: word, debt: debt, isKnown: false) }
        }
        return best
    }

    private func debt(ofWord word: UInt64, at now: UInt64) -> UInt64 {
        let ahead = (word &- now) & Self.timeMask
        return word == 0 || ahead > TokenBucket.longestDebt ? 0 : ahead
    }

    /// Never 0, which is the tag of an unused word.
    private func tag(of key: UInt64) -> UInt64 { max(1, key >> Self.timeBits) }
}
