/// A playlist read as far as it goes, with everything that is wrong with it.
///
/// For those who judge playlists of others: a line that cannot be understood is left out, the rest is read. Whoever wants a
/// playlist that is right uses `init(parsing:)`.
public struct PlaylistReading<Playlist: Sendable>: Sendable {
    /// What could be read.
    public var playlist: Playlist
    /// What could not, in the order found; at most `limit`.
    public var problems: [PlaylistError]

    /// Lines on which the parts of `playlist` stand, counted from 1.
    public var lines = PlaylistPlaces()

    /// A text of nothing but errors must not become a list without end.
    static var limit: Int { 64 }

    init(_ playlist: Playlist) {
        self.playlist = playlist
        problems = []
    }

    mutating func note(_ problem: PlaylistError) {
        if problems.count < Self.limit { problems.append(problem) }
    }

    /// The problem that stands first in the text; what concerns the whole text comes last.
    var first: PlaylistError? {
        problems.min { ($0.line == 0 ? Int.max : $0.line) < ($1.line == 0 ? Int.max : $1.line) }
    }
}

/// Where the parts of a playlist stand in its text; each list goes with the list of the same name.
public struct PlaylistPlaces: Sendable, Equatable {
    /// Addresses of segments.
    public var segments: [Int] = []
    /// EXT-X-STREAM-INF tags.
    public var variants: [Int] = []
    /// EXT-X-I-FRAME-STREAM-INF tags.
    public var iFrameVariants: [Int] = []
    /// EXT-X-MEDIA tags.
    public var renditions: [Int] = []
}
