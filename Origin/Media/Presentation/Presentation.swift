internal import Playlist

/// The account of a presentation: which of its segments are stored, in whatever order they were made.
public struct Presentation: Sendable {
    /// What a segment's arrival meant.
    public enum Addition: Sendable, Equatable {
        /// It was not known before.
        case added
        /// The very same one is known.
        case known
        /// Another one has its place, or its rendition does not exist.
        case refused
    }

    /// What was announced, and what was appended.
    public private(set) var outline: PresentationOutline
    /// Whether what its media playlists name is encrypted, with the `ContentKey` at `keyName`.
    public let isEncrypted: Bool
    private var stored: [[Int: StoredSegment]]
    private var runs: [[StoredSegment]]

    /// Starts without segments.
    public init(outline: PresentationOutline, isEncrypted: Bool = false) {
        self.outline = outline
        self.isEncrypted = isEncrypted
        stored = Array(repeating: [:], count: outline.renditions.count)
        runs = Array(repeating: [], count: outline.renditions.count)
    }

    /// Notes a stored segment.
    public mutating func add(_ segment: StoredSegment) -> Addition {
        guard stored.indices.contains(segment.rendition), segment.number >= 1 else { return .refused }
        if let known = stored[segment.rendition][segment.number] { return known == segment ? .known : .refused }
        stored[segment.rendition][segment.number] = segment
        var next = runs[segment.rendition].count + 1
        while let following = stored[segment.rendition][next] {
            runs[segment.rendition].append(following)
            next += 1
        }
        return .added
    }

    /// Appends a rendition of which everything is stored: `segments`, whose numbers ascend from 1 without a gap.
    public mutating func append(_ rendition: RenditionOutline, _ segments: [StoredSegment]) {
        outline.renditions.append(rendition)
        stored.append(Dictionary(uniqueKeysWithValues: segments.map { ($0.number, $0) }))
        runs.append(segments)
    }

    /// The segments of a rendition from the first up to one that is missing.
    public func playable(rendition: Int) -> [StoredSegment] { runs[rendition] }

    /// Whether a player can begin: one size of the picture and all sound have their first segments.
    public var isPlayable: Bool {
        let pictures = outline.pictures
        let hasPicture = pictures.isEmpty || pictures.contains { !runs[$0].isEmpty }
        return hasPicture && outline.sounds.allSatisfy { !runs[$0].isEmpty }
    }

    /// How much of the work is stored, 0 to 1; grows with every segment.
    public var progress: Double {
        let whole = outline.renditions.reduce(0) { $0 + $1.effort } * outline.durationSeconds
        guard whole > 0 else { return 0 }
        let done = stored.indices.reduce(0.0) { sum, rendition in
            let seconds = stored[rendition].values.reduce(0) { $0 + $1.durationMicroseconds }
            return sum + outline.renditions[rendition].effort * Double(seconds) / 1_000_000
        }
        return min(1, done / whole)
    }

    /// Bytes of all segments of a rendition.
    public func bytes(rendition: Int) -> Int { runs[rendition].reduce(0) { $0 + $1.bytes } }

    /// What a rendition needs: declared before the end, measured at it.
    public func bandwidth(rendition: Int, isFinal: Bool) -> (peak: Int, average: Int) {
        let declared = outline.renditions[rendition]
        guard isFinal else { return (declared.declaredPeak, declared.declaredAverage) }
        let measured = MeasuredBandwidth(
            segments: runs[rendition].flatMap(\.parts),
            targetDurationSeconds: outline.targetDurationSeconds)
        return (measured.peak, measured.average)
    }
}

extension StoredSegment {
    /// What a playlist lists of it.
    fileprivate var parts: [MeasuredBandwidth.Segment] {
        fragments.isEmpty
            ? [.init(bytes: bytes, durationMicroseconds: durationMicroseconds)]
            : fragments.map { .init(bytes: $0.bytes, durationMicroseconds: $0.durationMicroseconds) }
    }
}
