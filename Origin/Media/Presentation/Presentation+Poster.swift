extension Presentation {
    /// Path below the presentation's folder of the picture that stands for the whole: from a tenth of the way on, where titles are
    /// over. Nil before there is one.
    public var posterPath: String? {
        outline.renditions.indices.lazy.compactMap { index -> String? in
            guard case .poster = outline.renditions[index].content else { return nil }
            let segments = playable(rendition: index)
            guard !segments.isEmpty else { return nil }
            return outline.renditions[index].path(ofSegment: segments[segments.count / 10].number)
        }.first
    }
}
