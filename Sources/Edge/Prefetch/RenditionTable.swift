/// The renditions one loop knows, and where in them each segment stands. Bounded; asking allocates nothing.
///
/// Keys are known by their hashes. A collision means that something is fetched ahead in vain, never that a wrong object
/// is served.
struct RenditionTable {
    private struct Entry {
        var rendition: Rendition
        /// The stored playlist it was read from.
        var version: UInt64
        /// Hashes of the segments, to forget them with it.
        var hashes: [Int]
        var lastUse: Int64
    }

    private struct Place {
        let playlist: Int
        let index: Int
        /// When what follows was last asked for.
        var servedAt: Int64
    }

    /// Segments of all renditions together.
    static let mostSegments = 32_768
    /// Renditions at one time.
    static let mostRenditions = 256
    /// Seconds for which a segment asked for again asks for nothing.
    static let quietSeconds: Int64 = 2

    private var entries: [Int: Entry] = [:]
    private var places: [Int: Place] = [:]
    /// When each playlist was last looked at.
    private var looks: [Int: Int64] = [:]

    /// Segments remembered.
    var segmentCount: Int { places.count }

    /// Whether it is time to look at a playlist that was asked for: once a second at most.
    mutating func mayLook(at playlist: Int, now: Int64) -> Bool {
        if looks[playlist] == now { return false }
        if looks.count >= Self.mostRenditions { looks.removeAll(keepingCapacity: true) }
        looks[playlist] = now
        return true
    }

    /// Whether the rendition was read from that version of its playlist.
    func knows(_ playlist: Int, version: UInt64) -> Bool {
        entries[playlist]?.version == version
    }

    /// Remembers a rendition in place of its earlier version.
    mutating func insert(
        _ rendition: Rendition, of playlist: Int, version: UInt64, now: Int64, hash: ([UInt8]) -> Int
    ) {
        remove(playlist)
        let hashes = rendition.segments.map { $0.key.map(hash) ?? 0 }
        makeRoom(for: hashes.count)
        for (index, place) in hashes.enumerated() where rendition.segments[index].key != nil {
            places[place] = Place(playlist: playlist, index: index, servedAt: .min)
        }
        entries[playlist] = Entry(rendition: rendition, version: version, hashes: hashes, lastUse: now)
    }

    /// What to fetch ahead now that the segment with this hash is asked for. Nothing for other keys, and nothing again
    /// within `quietSeconds`.
    mutating func ahead(of segment: Int, count: Int, now: Int64) -> [[UInt8]] {
        guard let index = places.index(forKey: segment) else { return [] }
        let place = places.values[index]
        guard place.servedAt <= now - Self.quietSeconds else { return [] }
        places.values[index].servedAt = now
        entries[place.playlist]?.lastUse = now
        return entries[place.playlist]?.rendition.following(place.index, count: count) ?? []
    }

    /// What to fetch ahead now that the playlist is asked for.
    func opening(of playlist: Int, count: Int) -> [[UInt8]] {
        entries[playlist]?.rendition.opening(count: count) ?? []
    }

    private mutating func remove(_ playlist: Int) {
        guard let entry = entries.removeValue(forKey: playlist) else { return }
        for hash in entry.hashes where places[hash]?.playlist == playlist { places[hash] = nil }
    }

    /// The least recently used go first.
    private mutating func makeRoom(for segments: Int) {
        while !entries.isEmpty,
            entries.count >= Self.mostRenditions || places.count + segments > Self.mostSegments
        {
            guard let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return }
            remove(oldest.key)
        }
    }
}
