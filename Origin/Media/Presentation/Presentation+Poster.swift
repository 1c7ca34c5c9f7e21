extension Presentation {
    /// Path below the presentation's folder of the picture that stands for the whole; nil before there is one.
    ///
    /// - Parameter seconds: the place that somebody has chosen; the last picture there is stands for what is behind it. Without a
    ///   choice it is a tenth of the way on, where titles are over.
    public func posterPath(at seconds: Double? = nil) -> String? {
        outline.renditions.indices.lazy.compactMap { index -> String? in
            guard case .poster = outline.renditions[index].content else { return nil }
            let segments = playable(rendition: index)
            guard let last = segments.last else { return nil }
            let chosen = seconds.map { Self.segment(at: $0, in: segments) ?? last } ?? segments[segments.count / 10]
            return outline.renditions[index].path(ofSegment: chosen.number)
        }.first
    }

    private static func segment(at seconds: Double, in segments: [StoredSegment]) -> StoredSegment? {
        var end = 0.0
        return segments.first { segment in
            end += Double(segment.durationMicroseconds) / 1_000_000
            return seconds < end
        }
    }
}
