/// One file with its header in front, for downloads, made of the segments of CMAF tracks; no sample is touched
/// (ISO/IEC 14496-12).
///
/// The file is `header` and after it `pieces`. Places are 64 bits wide whatever the size, so that the header's length does
/// not depend on them.
public struct ProgressiveMovie: Sendable {
    /// Bytes of a segment that go into the file as they are.
    public struct Piece: Sendable, Equatable {
        /// Index of the track.
        public let track: Int
        /// Number of the segment in the order in which it was added, from 0.
        public let segment: Int
        /// The samples' bytes in the segment.
        public let range: Range<Int>
    }

    /// Segment *n* of every track, then *n* + 1: what a player needs at one time lies together.
    public let pieces: [Piece]
    private let tracks: [SampleTables]

    /// A movie of the segments that were added to `tracks`.
    public init(tracks: [SampleTables]) {
        self.tracks = tracks
        let longest = tracks.map(\.chunks.count).max() ?? 0
        pieces = (0..<longest).flatMap { segment in
            tracks.indices.compactMap { track in
                guard segment < tracks[track].chunks.count else { return nil }
                return Piece(track: track, segment: segment, range: tracks[track].chunks[segment].range)
            }
        }
    }

    /// Everything before the first sample.
    public func header() -> [UInt8] {
        var writer = BoxWriter()
        writer.box("ftyp") { writer in
            writer.four("isom")
            writer.u32(0x200)
            for brand in ["isom", "iso2", "avc1", "mp41"] as [StaticString] { writer.four(brand) }
        }
        let payload = pieces.reduce(0) { $0 + $1.range.count }
        let start = writer.bytes.count + movie(placing: 0).count + 16
        writer.raw(movie(placing: start))
        writer.u32(1)
        writer.four("mdat")
        writer.u64(UInt64(payload + 16))
        return writer.bytes
    }

    private func movie(placing start: Int) -> [UInt8] {
        var places = tracks.map { _ in [UInt64]() }
        var place = UInt64(start)
        for piece in pieces {
            places[piece.track].append(place)
            place += UInt64(piece.range.count)
        }
        var writer = BoxWriter()
        writer.box("moov") { writer in
            InitializationSegment.movieHeader(
                &writer, timescale: 1000, duration: tracks.map(\.presentedMilliseconds).max() ?? 0,
                nextTrack: tracks.count + 1)
            for (index, track) in tracks.enumerated() {
                track.write(&writer, id: UInt32(index + 1), places: places[index])
            }
        }
        return writer.bytes
    }
}
