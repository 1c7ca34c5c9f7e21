import Synchronization

/// From which client addresses each grant was used of late, for all loops of an edge: a fixed number of words, no lock, no
/// allocation.
///
/// A grant belongs to a set of sixteen words. A word is one address of one grant: 26 bits of the grant's key, 18 of the
/// address's, and the second of its last request. One that was not seen for the window of seconds is free for another. When
/// none is free, an address is let in without being counted: the limit is then not kept, and nobody is refused who should
/// not be.
final class StreamTable: Sendable {
    enum Admission: Equatable {
        case admitted
        /// Admitted, and there was no room to count it.
        case uncounted
        /// As many addresses as allowed are at it; the first of them may be forgotten so many seconds later.
        case refused(afterSeconds: Int)
    }

    /// How many addresses may be allowed to a grant and still leave room for other grants.
    static let mostStreams = 8
    static let ways = 16
    private static let attempts = 8

    private let sets: AtomicWordSets

    /// Room for `capacity` addresses, rounded up to a power of two.
    init(capacity: Int) {
        sets = AtomicWordSets(capacity: capacity, ways: Self.ways)
    }

    /// Counts a request of `address` under `grant`, unless `limit` other addresses have used that within `window` seconds.
    ///
    /// An address that is counted already costs sixteen reads, and a write once a second.
    func admit(_ address: UInt64, of grant: UInt64, limit: Int, window: Int, at seconds: UInt64) -> Admission {
        let set = sets.set(of: grant)
        let stream = StreamWord(grant: grant, address: address, seconds: seconds)
        if has(stream, in: set) { return .admitted }
        for _ in 0..<Self.attempts {
            let survey = survey(set, for: stream, window: window)
            if let own = survey.own {
                if exchange(set, own.way, own.word, for: stream.word) { return .admitted }
                continue
            }
            if survey.streams >= limit { return .refused(afterSeconds: window - survey.oldestAge + 1) }
            guard let free = survey.free else { return .uncounted }
            if exchange(set, free.way, free.word, for: stream.word) {
                return confirm(set, free.way, stream, limit: limit, window: window)
            }
        }
        return .uncounted
    }

    /// Whether the address was seen in this very second, as it was for all requests of a player's but the first.
    private func has(_ stream: StreamWord, in set: UnsafeMutablePointer<AtomicWordSets.Word>) -> Bool {
        for way in 0..<Self.ways where (set + way).pointee.load(ordering: .relaxed) == stream.word { return true }
        return false
    }

    /// Other loops may have counted the same address, or another one of the grant, at the same time. The first of the same
    /// stays; beyond the limit a newcomer steps back.
    private func confirm(
        _ set: UnsafeMutablePointer<AtomicWordSets.Word>, _ way: Int, _ stream: StreamWord, limit: Int, window: Int
    ) -> Admission {
        let survey = survey(set, for: stream, window: window)
        if let own = survey.own, own.way < way {
            _ = exchange(set, way, stream.word, for: 0)
            return .admitted
        }
        guard survey.streams > limit else { return .admitted }
        _ = exchange(set, way, stream.word, for: 0)
        return .refused(afterSeconds: 1)
    }

    private struct Found {
        var way: Int
        var word: UInt64
    }

    private struct Survey {
        /// The first word of the address asked for.
        var own: Found?
        /// Different addresses of the grant.
        var streams = 0
        /// Seconds since the request of the address of the grant that has been silent longest.
        var oldestAge = 0
        /// An unused word, or the one not used for longest beyond the window.
        var free: Found?
    }

    private func survey(
        _ set: UnsafeMutablePointer<AtomicWordSets.Word>, for stream: StreamWord, window: Int
    ) -> Survey {
        var survey = Survey()
        var freeAge = window
        for way in 0..<Self.ways {
            let word = StreamWord(word: (set + way).pointee.load(ordering: .sequentiallyConsistent))
            let age = word.isEmpty ? Int.max : word.age(at: stream)
            if age > window {
                if age > freeAge {
                    survey.free = Found(way: way, word: word.word)
                    freeAge = age
                }
                continue
            }
            guard word.hasGrant(of: stream) else { continue }
            if word.hasAddress(of: stream) {
                if survey.own == nil { survey.own = Found(way: way, word: word.word) } else { continue }
            } else if isRepeated(word, in: set, before: way) {
                continue
            }
            survey.streams += 1
            survey.oldestAge = max(survey.oldestAge, age)
        }
        return survey
    }

    /// Whether the same stream stands further ahead, because two loops met it first in the same moment.
    private func isRepeated(
        _ stream: StreamWord, in set: UnsafeMutablePointer<AtomicWordSets.Word>, before way: Int
    ) -> Bool {
        for other in 0..<way {
            let word = StreamWord(word: (set + other).pointee.load(ordering: .relaxed))
            if !word.isEmpty, word.hasGrant(of: stream), word.hasAddress(of: stream) { return true }
        }
        return false
    }

    private func exchange(
        _ set: UnsafeMutablePointer<AtomicWordSets.Word>, _ way: Int, _ old: UInt64, for new: UInt64
    ) -> Bool {
        (set + way).pointee.compareExchange(expected: old, desired: new, ordering: .sequentiallyConsistent).exchanged
    }
}

/// One address of one grant and the second in which it was seen, in a word.
struct StreamWord: Equatable {
    let word: UInt64

    private static let secondBits: UInt64 = 20
    private static let addressBits: UInt64 = 18
    private static let secondMask: UInt64 = 1 << secondBits - 1
    private static let addressMask: UInt64 = 1 << addressBits - 1
    /// The clocks of two loops differ by less.
    private static let skew = 16

    init(word: UInt64) {
        self.word = word
    }

    init(grant: UInt64, address: UInt64, seconds: UInt64) {
        word =
            grant & ~(1 << (Self.secondBits + Self.addressBits) - 1)
            | (address & Self.addressMask) << Self.secondBits | seconds & Self.secondMask
    }

    var isEmpty: Bool { word == 0 }

    func hasGrant(of other: StreamWord) -> Bool {
        (word ^ other.word) >> (Self.secondBits + Self.addressBits) == 0
    }

    func hasAddress(of other: StreamWord) -> Bool {
        (word ^ other.word) >> Self.secondBits & Self.addressMask == 0
    }

    /// Seconds from this one to `later`; the count begins again every twelve days.
    func age(at later: StreamWord) -> Int {
        let age = Int((later.word &- word) & Self.secondMask)
        return age > Int(Self.secondMask) - Self.skew ? 0 : age
    }
}
