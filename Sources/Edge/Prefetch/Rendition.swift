import Playlist

/// The objects of a media playlist in play order, by their cache keys.
struct Rendition: Equatable {
    struct Segment: Equatable {
        /// `nil` for one that is not this behavior's.
        let key: [UInt8]?
        /// The initialisation section it needs.
        let map: [UInt8]?
    }

    let segments: [Segment]
    /// Whether the list is complete; a live one is watched at its end.
    let isEnded: Bool

    /// Segments of a longer playlist that are remembered: the first of an ended one, the newest of a live one.
    static let mostSegments = 4096

    /// Of what is no media playlist: nothing is fetched ahead, and it need not be read again.
    static let none = Rendition(segments: [], isEnded: true)

    private init(segments: [Segment], isEnded: Bool) {
        self.segments = segments
        self.isEnded = isEnded
    }

    /// - Parameter key: the cache key of a reference in the playlist, if it may be prefetched.
    init(_ playlist: MediaPlaylist, key: (String) -> [UInt8]?) {
        isEnded = playlist.isEnded
        let listed =
            playlist.isEnded
            ? playlist.segments.prefix(Self.mostSegments) : playlist.segments.suffix(Self.mostSegments)
        var segments: [Segment] = []
        var lastURI: String?
        var lastMap: (uri: String, key: [UInt8]?)?
        for segment in listed {
            if let map = segment.map, map.uri != lastMap?.uri { lastMap = (map.uri, key(map.uri)) }
            // Byte ranges of one resource are one object.
            if segment.uri == lastURI { continue }
            lastURI = segment.uri
            segments.append(Segment(key: key(segment.uri), map: segment.map == nil ? nil : lastMap?.key))
        }
        self.segments = segments
    }

    /// What is fetched ahead when the segment at `index` is served.
    func following(_ index: Int, count: Int) -> [[UInt8]] {
        let map = index < segments.count ? segments[index].map : nil
        let start = min(segments.count, index + 1)
        return keys(of: start..<min(segments.count, start + count), knowing: map)
    }

    /// What is fetched ahead when the playlist is served: where a player of an ended one begins, the newest of a live
    /// one.
    func opening(count: Int) -> [[UInt8]] {
        let range = isEnded ? 0..<min(count, segments.count) : max(0, segments.count - count)..<segments.count
        return keys(of: range, knowing: nil)
    }

    private func keys(of range: Range<Int>, knowing known: [UInt8]?) -> [[UInt8]] {
        var keys: [[UInt8]] = []
        var map = known
        for index in range {
            if let needed = segments[index].map, needed != map {
                keys.append(needed)
                map = needed
            }
            if let key = segments[index].key { keys.append(key) }
        }
        return keys
    }
}
