import Bytes

/// What one loop has served of each video since it was last taken, in memory that does not grow. Loop-confined; allocates
/// nothing once it is used.
///
/// Open addressing: a video stands in the first free place from the one that its hash names. At most half of the places are
/// taken, so a search is short.
struct PlaybackTable {
    /// Videos that are told apart between two takings; of one more it is counted only how often it was asked for.
    static let capacity = 1_024
    private static let places = 2 * capacity
    private static let longestId = 64

    private struct Entry {
        var hash = 0
        /// Of its id; 0 where the place is free.
        var length = 0
        var figures = PlaybackFigures()
    }

    /// Empty until the first request.
    private var entries: [Entry] = []
    private var ids: [UInt8] = []
    private var count = 0
    private var lost = 0
    private let hash: KeyHash

    init(random: UInt64) { hash = KeyHash(random: random) }

    /// Adds to the figures of a video; an id that is no name is nobody's.
    mutating func add(to id: UnsafeRawBufferPointer, _ change: (inout PlaybackFigures) -> Void) {
        guard let place = place(of: id) else { return }
        change(&entries[place].figures)
    }

    /// What was added since the last time, by video, and how many requests had no room.
    mutating func take() -> PlaybackTaking {
        var taking = PlaybackTaking(lost: lost)
        lost = 0
        guard count > 0 else { return taking }
        count = 0
        for place in entries.indices where entries[place].length > 0 {
            let start = place * Self.longestId
            let id = String(decoding: ids[start..<start + entries[place].length], as: UTF8.self)
            taking.videos[id] = entries[place].figures
            entries[place] = Entry()
        }
        return taking
    }

    private mutating func place(of id: UnsafeRawBufferPointer) -> Int? {
        guard 1...Self.longestId ~= id.count, let base = id.baseAddress else { return nil }
        if entries.isEmpty { makePlaces() }
        let wanted = hash(id)
        var place = wanted & (Self.places - 1)
        while entries[place].length > 0 {
            if entries[place].hash == wanted, entries[place].length == id.count,
                ids.withUnsafeBytes({ bytes in
                    bytes.baseAddress.map { ByteSearch.equal($0 + place * Self.longestId, base, count: id.count) }
                }) == true
            {
                return place
            }
            place = (place + 1) & (Self.places - 1)
        }
        guard ASCII.isName(id) else { return nil }
        guard count < Self.capacity else {
            lost += 1
            return nil
        }
        count += 1
        entries[place].hash = wanted
        entries[place].length = id.count
        for offset in 0..<id.count { ids[place * Self.longestId + offset] = id[offset] }
        return place
    }

    private mutating func makePlaces() {
        entries = Array(repeating: Entry(), count: Self.places)
        ids = Array(repeating: 0, count: Self.places * Self.longestId)
    }
}

/// What was taken of one loop, or of several together.
struct PlaybackTaking: Sendable {
    var videos: [String: PlaybackFigures] = [:]
    /// Requests for videos that there was no room for.
    var lost = 0

    mutating func add(_ other: PlaybackTaking) {
        videos.merge(other.videos) { first, second in
            var both = first
            both.add(second)
            return both
        }
        lost += other.lost
    }
}
